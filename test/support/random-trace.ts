import type { SpanLike } from '../../src/reading/model/span-like.js';

export interface TraceShape {
  readonly seed: number;
  /** Number of spans. */
  readonly spans: number;
  readonly traces: number;
}

/** Returns a function that returns numbers from 0 to 1, always the same for a seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Returns the items in an order that follows from the seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

const messages = (role: string, content: string): string =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);

/**
 * Makes traces as applications have them: requests with a user, agents with and without question and answer, plain spans, spans that
 * only name a model, calls, calls that a second library traced inside or beside the first, calls without content and calls that failed.
 * Some plain spans failed. A span lies within its parent in time. Parents come first.
 */
export function makeTrace({ seed, spans, traces }: TraceShape): readonly SpanLike[] {
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const made: { span: SpanLike; answer: string; start: number; end: number }[] = [];
  const copied = new Set<SpanLike>();
  for (let at = 0; at < spans; at++) {
    const trace = Math.floor(random() * traces);
    const traceId = `${(seed >>> 0).toString(16).padStart(8, '0')}${(trace + 1).toString(16).padStart(24, '0')}`;
    // Near spans, so that trees are deep as well as wide.
    const near = made.slice(-8).filter(({ span }) => span.spanContext().traceId === traceId);
    const parent = near.length > 0 && random() < 0.8 ? pick(near) : undefined;
    const [from, to] = parent ? [parent.start, parent.end] : [0, 1_000_000];
    const start = from + Math.floor(random() * 0.4 * (to - from));
    const end = to - Math.floor(random() * 0.4 * (to - start));
    const kind = pick([
      'request',
      'agent',
      'plain',
      'chat',
      'chat',
      'chat',
      'copy',
      'empty',
      'failed',
      'asked',
      'asked',
      'unclear',
    ] as const);
    const twin =
      kind === 'copy'
        ? near.findLast(({ span }) => /^(?:chat|asked)$/.test(span.name) && !copied.has(span))
        : undefined;
    if (twin) copied.add(twin.span);
    const scope = twin ? 'library-c' : pick(['library-a', 'library-a', 'library-b']);
    const spanId = (at + 1).toString(16).padStart(16, '0');
    const answer = twin?.answer ?? `answer ${at}`;
    made.push({
      answer,
      start: twin ? twin.start : start,
      end: twin ? twin.end - 1 : end,
      span: {
        name: kind === 'copy' ? 'copy' : kind === 'empty' || kind === 'failed' ? 'chat' : kind,
        kind: kind === 'request' ? 1 : 0,
        spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
        ...(twin ? twin.span.parentSpanContext && { parentSpanContext: twin.span.parentSpanContext } : {}),
        ...(!twin && parent && { parentSpanContext: { spanId: parent.span.spanContext().spanId } }),
        startTime: timeOf(twin ? twin.start : start),
        endTime: timeOf(twin ? twin.end - 1 : end),
        status: { code: kind === 'failed' || (kind === 'plain' && at % 3 === 0) ? 2 : 0 },
        attributes: attributesOf(kind, at, answer),
        events: [],
        resource: { attributes: { 'service.name': 'shop' } },
        instrumentationScope: { name: scope },
      },
    });
  }
  return made.map(({ span }) => span);
}

function timeOf(ms: number): readonly [number, number] {
  return [1_700_000_000 + Math.floor(ms / 1000), (ms % 1000) * 1_000_000];
}

function attributesOf(kind: string, at: number, answer: string): Record<string, unknown> {
  if (kind === 'plain') return { 'http.request.method': 'GET' };
  if (kind === 'request') return { 'user.id': `user-${at}`, 'session.id': `thread-${at}` };
  if (kind === 'agent') return { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'helper' };
  if (kind === 'unclear') return { 'gen_ai.request.model': 'm' };
  const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
  if (kind === 'empty') return call;
  return {
    ...call,
    ...(kind === 'asked' && { 'gen_ai.operation.name': 'invoke_agent' }),
    'gen_ai.usage.input_tokens': at,
    'gen_ai.input.messages': messages('user', `question ${answer}`),
    'gen_ai.output.messages': messages('assistant', answer),
    ...(kind === 'failed' && { 'error.type': 'TimeoutError' }),
  };
}
