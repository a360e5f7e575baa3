import type { NewRecord } from '../../../src/server/index.js';

/** Months in which clocks are set: forward in New York, Berlin and on Lord Howe (by half an hour), and back. */
export const MONTHS = {
  spring: { from: Date.UTC(2026, 2, 5), to: Date.UTC(2026, 3, 7) },
  autumn: { from: Date.UTC(2026, 9, 2), to: Date.UTC(2026, 10, 3) },
} as const;

const MODELS = ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', undefined] as const;
const LATENCIES = [undefined, 0, -3, 1e12, 119.7, 59.97, 3661, 0.0004] as const;
const ODD_COUNTS: readonly NewRecord['properties'][] = [
  { total_tokens: 500 },
  { input_tokens: '12', output_tokens: ' 7 ' },
  { input_tokens: -50, output_tokens: 20 },
  { input_tokens: 1e15, output_tokens: 3 },
  { input_tokens: 10.4, output_tokens: 1.6 },
  { input_tokens: 'many', total_tokens: null },
  { input_tokens: 100, output_tokens: 50, total_tokens: 400 },
  {},
];
const ODD_TIMES = ['1970-01-01T00:00:00.000Z', '1970-01-21T12:00:00.000Z', '2099-01-01T00:00:00.000Z'];

/** Returns records of a month as applications send them, with all that is odd in them. The same seed gives the same records. */
export function monthOfRecords(seed: number, count: number, { from, to }: Span = MONTHS.spring): NewRecord[] {
  const random = randomNumbers(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const records: NewRecord[] = [];
  for (let i = 0; i < count; i++) {
    const at = from + Math.floor(random() * (to - from));
    const timestamp = i % 97 === 5 ? pick(ODD_TIMES) : new Date(at).toISOString();
    const common = {
      id: `r${i}`,
      userId: `user-${Math.floor(random() ** 2 * 40)}`,
      ...(random() < 0.7 && { threadId: `thread-${Math.floor(random() * 60)}` }),
      timestamp,
      receivedAt: new Date(at + 2000).toISOString(),
      tags: random() < 0.4 ? ['beta', pick(['web', 'app'])] : [],
    };
    const model = pick(MODELS);
    const latency = random() < 0.1 ? pick(LATENCIES) : Math.round(random() * 9_000_000) / 1_000_000;
    const tokens =
      random() < 0.15
        ? pick(ODD_COUNTS)
        : { input_tokens: Math.floor(random() * 4000), output_tokens: Math.floor(random() * 900) };
    const kind = random();
    const prompt = { ...common, kind: 'prompt' as const, prompt: `question ${i}`, generation: `answer ${i}` };
    if (kind < 0.55)
      records.push({
        ...prompt,
        ...(model && { assistantId: model }),
        ...(latency !== undefined && { latency }),
        properties: { ...tokens, ...(random() < 0.03 && { error_type: 'stream_error' }), ...costs(i) },
      });
    else if (kind < 0.7) records.push(...turn(prompt, i, random));
    else if (kind < 0.75)
      records.push(event(common, 'LLM error', { error_type: 'RateLimit', model: 'gpt-4o' }));
    else if (kind < 0.85)
      records.push(
        event({ ...common, userId: `fan-${i % 5}` }, 'User feedback', {
          record_id: 'r1',
          score: pick([1, -1, 0]),
        }),
      );
    else records.push(event(common, pick(['Sign up', 'Export']), {}));
  }
  return records;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

type Common = Omit<Extract<NewRecord, { kind: 'event' }>, 'kind' | 'event' | 'properties'>;

function event(common: Common, name: string, properties: NewRecord['properties']): NewRecord {
  return { ...common, kind: 'event', event: name, properties };
}

/** A turn of two or three calls, some of which failed: it answered in the end, or it failed as a whole. */
function turn(
  {
    kind: _kind,
    prompt,
    generation,
    ...common
  }: Common & { kind: 'prompt'; prompt: string; generation: string },
  i: number,
  random: () => number,
): NewRecord[] {
  const isFailed = random() < 0.3;
  const counts = [
    { model: 'gpt-4o', input_tokens: 900, output_tokens: 40 + (i % 7) },
    { model: 'router-small', input_tokens: 60, output_tokens: 5 },
  ];
  const calls = counts.map((properties, call) =>
    event({ ...common, id: `${common.id}-${call}-call` }, call === 0 || isFailed ? 'LLM error' : 'LLM call', {
      ...properties,
      turn_id: common.id,
      ...((call === 0 || isFailed) && { error_type: 'Timeout' }),
    }),
  );
  const sums = { input_tokens: 960, output_tokens: 45 + (i % 7) };
  const byModel = {
    'gpt-4o': { input: 900, output: 40 + (i % 7) },
    'router-small': { input: 60, output: 5 },
  };
  const properties = {
    ...(i % 5 > 0 && sums),
    call_count: 2,
    error_count: 1,
    ...turnCosts(i),
    // Every third contradicts the sums, every third leaves tokens to the model of the record.
    tokens_by_model:
      i % 3 === 0
        ? byModel
        : i % 3 === 1
          ? { ...byModel, ghost: { input: 5000, output: 0 } }
          : { 'router-small': { input: 60, output: -4 } },
  };
  return [
    ...calls,
    isFailed
      ? event(common, 'LLM error', { ...properties, error_type: 'Timeout', model: 'gpt-4o', prompt })
      : {
          ...common,
          kind: 'prompt',
          prompt,
          generation,
          assistantId: 'gpt-4o',
          latency: 2 + (i % 11),
          properties,
        },
  ];
}

/** What the server writes of the cost of a call; every fifth has none, and some are not believed. */
function costs(i: number): NewRecord['properties'] {
  if (i % 5 === 0) return i % 10 === 0 ? { unpriced_calls: 1 } : {};
  if (i % 31 === 7) return { cost: -1, cost_source: 'table' };
  // A property of the application that is not a cost of the server's.
  if (i % 31 === 8) return { cost: 12 };
  return { cost: (i % 1000) * 0.000_001_7 + 1e-9, cost_source: i % 2 === 0 ? 'table' : 'sent' };
}

/** The same of a turn of two calls of two models; every fifth contradicts itself. */
function turnCosts(i: number): NewRecord['properties'] {
  if (i % 4 === 0) return {};
  const small = i % 5 === 0 ? 9 : 0.000_004;
  return {
    cost: 0.0123,
    cost_source: 'table',
    priced_calls: 1 + (i % 2),
    unpriced_calls: 1 - (i % 2),
    cost_by_model: {
      'gpt-4o': { cost: 0.0123 - 0.000_004, priced: 1, unpriced: 0 },
      'router-small': { cost: small, priced: i % 2, unpriced: 1 - (i % 2) },
    },
  };
}

/** Returns random numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
