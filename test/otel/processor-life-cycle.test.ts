import { context, ROOT_CONTEXT, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test, vi } from 'vitest';
import type { TrubricsOptions } from '../../src/config/options.js';
import { TrubricsLogRecordProcessor, withTrubrics } from '../../src/index.js';
import { INSTRUMENTATION_SCOPE, wasProcessed } from '../../src/common/spans/processed-spans.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { makeChatSpan } from '../support/span.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider } from '../support/use-provider.js';

const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };
const EVALUATION = { 'gen_ai.evaluation.name': 'x', 'gen_ai.evaluation.score.value': 1 };

useContextManager();

const said = (prompt: string): Attributes => makeChatSpan({ prompt }).attributes as Attributes;

function use(options: TrubricsOptions = {}, spanProcessors: SpanProcessor[] = []) {
  const under = useProvider({ granularity: 'call', ...options }, { spanProcessors });
  const start = (attributes: Attributes, parent?: Span, around: Context = ROOT_CONTEXT): Span =>
    under.tracer.startSpan('span', { attributes }, parent ? trace.setSpan(around, parent) : around);
  const prompts = (): string[] => under.destination.records.map(({ prompt }) => prompt);
  return { ...under, start, prompts };
}

/** A destination whose requests end when the test says so. */
function slowDestination() {
  const open: (() => void)[] = [];
  return {
    name: 'slow',
    encode: () => '{}',
    send: () => new Promise<void>((resolve) => open.push(resolve)),
    answer: () => open.splice(0).forEach((resolve) => resolve()),
    isAsked: () => open.length > 0,
  };
}

/** Lets a promise settle if nothing keeps it. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => (over = true));
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return over;
}

test.each(['flush', 'forceFlush', 'shutdown'] as const)('%s waits for the destination', async (end) => {
  const destination = slowDestination();
  const { processor, start } = use({ destination });
  start(said('q')).end();
  const ended = processor[end]();
  await vi.waitFor(() => expect(destination.isAsked()).toBe(true));
  expect(await isOver(ended)).toBe(false);
  destination.answer();
  await ended;
  expect(processor.stats().destinations[0]?.delivered).toBe(1);
});

test.each(['flush', 'shutdown'] as const)('%s sends a call that is held for a span below it', async (end) => {
  const { processor, start, prompts } = use();
  const call = start(said('q'));
  start({}, call);
  call.end();
  expect(processor.isIdle()).toBe(false);
  expect(processor.stats().records).toBe(0);
  await processor[end]();
  expect(prompts()).toEqual(['q']);
});

test.each(['flush', 'shutdown'] as const)('%s sends a call that waits for its repetition', async (end) => {
  const { processor, provider, start, prompts } = use();
  // An LLM span of another library is open: it may describe the same call.
  provider.getTracer('another').startSpan('chat', { attributes: CHAT }, ROOT_CONTEXT);
  start(said('q')).end();
  expect(processor.stats().records).toBe(0);
  expect(processor.isIdle()).toBe(false);
  await processor[end]();
  expect(prompts()).toEqual(['q']);
});

test.each(['flush', 'shutdown'] as const)('%s waits for a resource that is detected', async (end) => {
  let detect: () => void = () => {};
  const resource = {
    attributes: {},
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => new Promise<void>((resolve) => (detect = resolve)),
  };
  const { processor, prompts } = use();
  const span = { ...makeChatSpan({ prompt: 'q' }), resource } as SpanLike;
  processor.onStart(span, ROOT_CONTEXT);
  processor.onEnd(span);
  expect(processor.isIdle()).toBe(false);
  const ended = processor[end]();
  expect(await isOver(ended)).toBe(false);
  detect();
  await ended;
  expect(prompts()).toEqual(['q']);
});

test('a flush sends turns that are over and no others, and a shutdown sends all', async () => {
  const { processor, start, prompts } = use({ granularity: 'turn' });
  const going = start({});
  start(said('goes on'), going).end();
  const root = start({});
  start(said('over'), root).end();
  root.end();
  expect(processor.isIdle()).toBe(false);
  await processor.flush();
  expect(prompts()).toEqual(['over']);
  await processor.shutdown();
  expect(prompts()).toEqual(['over', 'goes on']);
});

test('a shutdown records a call below an LLM span that never ends', async () => {
  const { processor, start, prompts } = use();
  const outer = start(CHAT);
  start(said('q'), outer).end();
  await processor.flush();
  expect(prompts()).toEqual([]);
  await processor.shutdown();
  expect(prompts()).toEqual(['q']);
});

test('a shutdown sends feedback that waits for its run', async () => {
  const { processor, destination } = use();
  processor.trackFeedback({ runId: 'never recorded', threadId: 't', userId: 'u', score: 1 });
  await processor.shutdown();
  expect(destination.events).toHaveLength(1);
});

test('a processor is idle when nothing waits to be sent or is in flight', async () => {
  const destination = slowDestination();
  const { processor, start } = use({ destination, flushAt: 10, flushIntervalMs: 60_000 });
  expect(processor.isIdle()).toBe(true);
  start(said('q')).end();
  expect(processor.stats().destinations[0]).toMatchObject({ queued: 1, inFlight: 0 });
  expect(processor.isIdle()).toBe(false);
  const flushed = processor.flush();
  await vi.waitFor(() => expect(destination.isAsked()).toBe(true));
  expect(processor.stats().destinations[0]).toMatchObject({ queued: 0, inFlight: 1 });
  expect(processor.isIdle()).toBe(false);
  destination.answer();
  await flushed;
  expect(processor.isIdle()).toBe(true);
});

test('events and feedback inside of withTrubrics({ record: false }) are counted and not sent', async () => {
  const { processor, destination } = use();
  withTrubrics({ record: false }, () => {
    processor.track({ event: 'x', userId: 'u' });
    processor.trackFeedback({ userId: 'u', threadId: 't', score: 1 });
  });
  processor.track({ event: 'y', userId: 'u' });
  await processor.flush();
  expect(processor.stats().skipped.opted_out).toBe(2);
  expect(destination.events).toMatchObject([{ event: 'y' }]);
});

test('values of withTrubrics win over those of baggage, which complete them', async () => {
  const { start, processor, destination } = use({ baggageKeys: { userId: 'user', threadId: 'thread' } });
  const { propagation } = await import('@opentelemetry/api');
  const baggage = propagation.createBaggage({ user: { value: 'baggage' }, thread: { value: 't' } });
  context.with(propagation.setBaggage(ROOT_CONTEXT, baggage), () =>
    withTrubrics({ userId: 'ada' }, () => start(said('q'), undefined, context.active()).end()),
  );
  await processor.flush();
  expect(destination.records).toMatchObject([{ userId: 'ada', threadId: 't' }]);
});

test('an evaluation in a log record is not content of its span, and names its response', async () => {
  const { start, processor, destination } = use();
  const logs = new TrubricsLogRecordProcessor(processor);
  start({ ...said('other'), 'gen_ai.response.id': 'r1' }).end();
  const span = start(said('q'));
  const attributes = { ...EVALUATION, 'gen_ai.response.id': 'r1' };
  logs.onEmit({ eventName: 'gen_ai.evaluation.result', attributes, spanContext: span.spanContext() });
  span.addEvent('gen_ai.evaluation.result', attributes);
  span.end();
  await processor.flush();
  expect(destination.events).toHaveLength(2);
  const [other] = destination.records;
  for (const { properties } of destination.events) expect(properties['record_id']).toBe(other?.id);
});

test('an LLM span that cannot be read is counted once, and the spans around it are not lost', async () => {
  const { start, processor, prompts } = use();
  const broken = {
    ...makeChatSpan(),
    get attributes(): never {
      throw new Error('no');
    },
  } as SpanLike;
  processor.onStart(broken, ROOT_CONTEXT);
  processor.onEnd(broken);
  start(said('q')).end();
  await processor.flush();
  expect(prompts()).toEqual(['q']);
  expect(processor.stats().skipped).toEqual({ unreadable: 1 });
});

test('an evaluation in a log record is not sent if its span is open in a context that is opted out', async () => {
  const { start, processor, destination } = use();
  const logs = new TrubricsLogRecordProcessor(processor);
  const span = withTrubrics({ record: false }, () => start(said('q'), undefined, context.active()));
  logs.onEmit({
    eventName: 'gen_ai.evaluation.result',
    attributes: EVALUATION,
    spanContext: span.spanContext(),
  });
  span.end();
  await processor.flush();
  expect([destination.events, destination.records]).toEqual([[], []]);
  expect(processor.stats().skipped).toEqual({ opted_out: 2 });
});

test('a flush from outside ends soon if the destination fails', async () => {
  let isDown = true;
  const destination = {
    name: 'failing',
    encode: () => '{}',
    send: async () => (isDown ? { status: 503 } : undefined),
  };
  const { processor, start } = use({ destination, flushTimeoutMs: 60_000 });
  start(said('q')).end();
  // Otherwise it would take its minute.
  await processor.forceFlush();
  expect(processor.stats().destinations[0]).toMatchObject({ delivered: 0, dropped: { shutdown_timeout: 0 } });
  isDown = false;
});

test('spans of the handler are marked as processed, and others are not', () => {
  const { provider } = use();
  const spans = [INSTRUMENTATION_SCOPE, 'another'].map((name) => provider.getTracer(name).startSpan('x'));
  expect(spans.map((span) => wasProcessed(span))).toEqual([true, false]);
});

test('an opt-out on a span that ends drops what waits of the calls below it, and feedback on them', async () => {
  const { processor, start, destination } = use({ flushAt: 100, flushIntervalMs: 60_000 });
  const root = start({});
  const call = start(said('SECRET'), root);
  const step = start({}, root);
  call.end();
  expect(processor.stats().destinations[0]?.queued).toBe(1);
  root.setAttribute('trubrics.record', false);
  root.end();
  step.end();
  expect(processor.stats().destinations[0]).toMatchObject({ queued: 0, dropped: { opted_out: 1 } });
  for (const span of [call, step])
    processor.trackFeedback({ spanContext: span.spanContext(), userId: 'u', score: 1, comment: 'SECRET' });
  await processor.flush();
  expect([destination.records, destination.events]).toEqual([[], []]);
  expect(processor.stats().skipped).toEqual({ opted_out: 2 });
});

test('spans of two libraries that describe one call are counted as one and a duplicate', async () => {
  const { provider, processor, prompts } = use();
  const ids = { ...said('q'), 'gen_ai.response.id': 'r' };
  const at = Date.UTC(2026, 0, 1);
  const [one, two] = ['a', 'b'].map((name) =>
    provider.getTracer(name).startSpan('chat', { attributes: ids, startTime: at }, ROOT_CONTEXT),
  );
  one?.end(at + 1_000);
  two?.end(at + 1_001);
  await processor.flush();
  expect(prompts()).toEqual(['q']);
  expect(processor.stats().skipped).toEqual({ duplicate: 1 });
});

test('a promise for waitUntil covers calls that are held, repeated or collected', async () => {
  for (const granularity of ['call', 'turn'] as const) {
    const promises: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => void promises.push(promise);
    const { start, provider, prompts } = use({ granularity, waitUntil });
    const held = start(said('held'));
    start({}, held);
    held.end();
    provider.getTracer('another').startSpan('chat', { attributes: CHAT }, ROOT_CONTEXT);
    const root = start({});
    start(said('collected'), root).end();
    root.end();
    await Promise.all(promises);
    expect(promises.length).toBeGreaterThan(0);
    expect(prompts().toSorted()).toEqual(['collected', 'held']);
  }
});

/** An agent that was asked and answered. */
const AGENT = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'a' };
const agentSaid = (prompt: string): Attributes => ({ ...said(prompt), ...AGENT });

test('an evaluation in a log record goes when a span above its call is opted out later', async () => {
  const { start, processor, destination } = use({ flushAt: 100, flushIntervalMs: 60_000 });
  const logs = new TrubricsLogRecordProcessor(processor);
  const root = start({});
  const span = start(said('q'), root);
  logs.onEmit({
    eventName: 'gen_ai.evaluation.result',
    attributes: EVALUATION,
    spanContext: span.spanContext(),
  });
  root.setAttribute('trubrics.record', false);
  await processor.flush();
  expect(destination.events).toEqual([]);
  expect(processor.stats().destinations[0]?.dropped.opted_out).toBe(1);
});

test('feedback on a span without a call, below a span that was opted out, is not sent', async () => {
  const { start, processor, destination } = use();
  const root = start({ 'trubrics.record': false });
  const step = start({}, root);
  root.end();
  step.end();
  processor.trackFeedback({ spanContext: step.spanContext(), userId: 'u', score: 1 });
  await processor.flush();
  expect(destination.events).toEqual([]);
  expect(processor.stats().skipped).toEqual({ opted_out: 1 });
});

test.each<[string, Attributes]>([
  ['an inner call that is opted out', { ...CHAT, 'trubrics.record': false }],
  ['another span', {}],
])('a call that is held for %s is released when that ends', (_title, attributes) => {
  const { start, processor } = use();
  const outer = start(said('q'));
  const inner = start(attributes, outer);
  outer.end();
  expect(processor.stats().records).toBe(0);
  inner.end();
  expect(processor.stats().records).toBe(1);
});

test('a span that is opted out does not complete that of another library for the same call', async () => {
  const { provider, processor, destination } = use();
  const starting = (name: string, attributes: Attributes) =>
    provider.getTracer(name).startSpan('chat', { attributes }, ROOT_CONTEXT);
  const secret = starting('a', { ...said('SECRET'), 'gen_ai.response.id': 'r', 'trubrics.record': false });
  const { 'gen_ai.output.messages': _, ...asked } = said('SECRET');
  const other = starting('b', { ...asked, 'gen_ai.response.id': 'r' });
  secret.end();
  other.end();
  await processor.flush();
  expect(JSON.stringify(destination.records)).not.toContain('Rome');
  expect(processor.stats().skipped).toEqual({ opted_out: 1 });
});

test('an inner call does not complete the call around it after a span between them was opted out', async () => {
  const { start, processor, destination } = use();
  const outer = start({ ...CHAT, 'gen_ai.input.messages': said('q')['gen_ai.input.messages'] ?? '' });
  const between = start({}, outer);
  start(said('SECRET'), between).end();
  between.setAttribute('trubrics.record', false);
  between.end();
  outer.end();
  await processor.flush();
  expect(JSON.stringify(destination.records)).not.toContain('Rome');
});

test('a call whose attributes cannot be read wholly is counted as unreadable', () => {
  const { processor } = use();
  const attributes = {
    ...CHAT,
    get 'gen_ai.usage.input_tokens'(): number {
      throw new Error('no');
    },
  };
  const span = { ...makeChatSpan(), attributes } as SpanLike;
  processor.onStart(span, ROOT_CONTEXT);
  processor.onEnd(span);
  expect(processor.stats().skipped).toEqual({ unreadable: 1 });
});

test('an agent that ends before the call below it is no call', async () => {
  const { start, processor, prompts } = use();
  const agent = start(agentSaid('agent'));
  const call = start(said('call'), agent);
  agent.end();
  expect(processor.stats().records).toBe(0);
  call.end();
  await processor.flush();
  expect(prompts()).toEqual(['call']);
  expect(processor.stats().skipped).toEqual({});
});

test('an agent that ends before a span that turns out to be a call is no call', async () => {
  const { start, processor, prompts } = use();
  const agent = start(agentSaid('agent'));
  const late = start({}, agent);
  agent.end();
  expect(processor.stats().records).toBe(0);
  late.setAttributes(said('call'));
  late.end();
  await processor.flush();
  expect(prompts()).toEqual(['call']);
});

test('an agent above an open call is no call either if a flush does not let it wait', async () => {
  const { start, processor, prompts } = use();
  const agent = start(agentSaid('agent'));
  const call = start(said('call'), agent);
  agent.end();
  await processor.flush();
  call.end();
  await processor.flush();
  expect(prompts()).toEqual(['call']);
  expect(processor.stats().skipped).toEqual({});
});

test('the record of an agent has nothing of an agent below it that was opted out', async () => {
  for (const isRecorded of [true, false]) {
    const { start, processor, destination } = use();
    const outer = start(agentSaid('q'));
    const inner = { ...agentSaid('q'), 'gen_ai.usage.input_tokens': 4711, 'trubrics.record': isRecorded };
    start(inner, outer).end();
    outer.end();
    await processor.flush();
    expect(destination.records.map(({ properties }) => properties['input_tokens'])).toEqual([
      isRecorded ? 4711 : undefined,
    ]);
  }
});

test('an agent that is opted out is counted as that alone, and does not complete the agent around it', async () => {
  const { start, processor, destination } = use();
  const { 'gen_ai.output.messages': _, ...asked } = agentSaid('q');
  const outer = start(asked);
  start({ ...agentSaid('q'), 'trubrics.record': false }, outer).end();
  outer.end();
  await processor.flush();
  expect(JSON.stringify(destination.records)).not.toContain('Rome');
  expect(processor.stats().skipped.opted_out).toBe(1);
  const { start: startAlone, processor: alone } = use();
  startAlone({ ...AGENT, 'trubrics.record': false }).end();
  startAlone({ ...agentSaid('q'), 'trubrics.record': false }).end();
  await alone.flush();
  expect(alone.stats().skipped).toEqual({ no_call: 1, opted_out: 1 });
});

test('an agent that is a call keeps the process of a serverless function alive', () => {
  const promises: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => void promises.push(promise);
  const { start } = use({ granularity: 'turn', waitUntil });
  start(agentSaid('q'), start({})).end();
  expect(promises.length).toBeGreaterThan(0);
});

test('by both, a turn is a record and its calls are events', async () => {
  const { start, processor, prompts, destination } = use({ granularity: 'both' });
  const root = start({});
  for (let call = 0; call < 2; call += 1) start(said('q'), root).end();
  root.end();
  await processor.flush();
  expect(prompts()).toEqual(['q']);
  expect(destination.events.map(({ event }) => event)).toEqual(['LLM call', 'LLM call']);
});

test('the promise for waitUntil resolves when the destination has answered', async () => {
  const promises: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => void promises.push(promise);
  const destination = slowDestination();
  const { start } = use({ destination, waitUntil });
  start(said('q')).end();
  await vi.waitFor(() => expect(destination.isAsked()).toBe(true));
  const all = Promise.all(promises);
  expect(await isOver(all)).toBe(false);
  destination.answer();
  await all;
});

test('an evaluation on a span without a call goes when a span above is opted out later', async () => {
  const { start, processor, destination } = use({ flushAt: 100, flushIntervalMs: 60_000 });
  const root = start({});
  const step = start({}, root);
  step.addEvent('gen_ai.evaluation.result', EVALUATION);
  step.end();
  root.setAttribute('trubrics.record', false);
  await processor.flush();
  expect(destination.events).toEqual([]);
});
