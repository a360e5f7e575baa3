import type { StoredRecord } from '../../../src/server/index.js';

/**
 * Counts the numbers of the overview again from the records alone, by the definitions of docs/numbers.md: one plain loop over a list
 * for each number. Shares no code with the server.
 */
export function recount(records: readonly StoredRecord[]) {
  const prompts = records.filter(({ kind }) => kind === 'prompt');
  const errors = records.filter(isError);
  const requests = records.filter((record) => record.kind === 'prompt' || isError(record));
  const latencies = prompts.map(latencyOf);
  return {
    records: records.length,
    prompts: prompts.length,
    events: records.length - prompts.length,
    errors: errors.length,
    requests: requests.length,
    users: countDistinct(records.map(({ userId }) => userId)),
    people: countDistinct(requests.map(({ userId }) => userId)),
    threads: countDistinct(records.map(({ threadId }) => threadId)),
    inputTokens: sum(records.map((record) => tokensOf(record).input)),
    outputTokens: sum(records.map((record) => tokensOf(record).output)),
    totalTokens: sum(records.map((record) => tokensOf(record).total)),
    ...costsOf(records),
    latency: {
      p50: percentile(latencies, 50),
      p95: percentile(latencies, 95),
      p99: percentile(latencies, 99),
    },
    topUsers: ranking(prompts.map(({ userId }) => userId)),
    tags: ranking(records.flatMap(({ tags }) => tags)),
    eventNames: ranking(records.flatMap((record) => (record.kind === 'event' ? [record.event] : []))),
  };
}

/** Cost in dollars of all records, and how many of their calls have a price and have none. */
function costsOf(records: readonly StoredRecord[]): Record<(typeof COST_NUMBERS)[number], number> {
  const costs = records.map((record) => costOf(record));
  return {
    cost: sum(costs.map(({ nanos }) => nanos)) / 1e9,
    pricedCalls: sum(costs.map(({ priced }) => priced)),
    unpricedCalls: sum(costs.map(({ unpriced }) => unpriced)),
  };
}

const COST_NUMBERS = ['cost', 'pricedCalls', 'unpricedCalls'] as const;

/** Tokens, prompts, errors and costs by model. */
export function recountModels(records: readonly StoredRecord[]): Map<string, ModelCount> {
  const models = new Map<string, ModelCount>();
  const add = (model: string, more: Partial<ModelCount>): void => {
    const before = models.get(model) ?? { ...NO_COUNT };
    for (const name of Object.keys(NO_COUNT) as (keyof ModelCount)[]) before[name] += more[name] ?? 0;
    models.set(model, before);
  };
  for (const record of records) {
    const own = modelOf(record);
    if (own === undefined) continue;
    const tokens = tokensOf(record);
    const { byModel, ...costs } = costOf(record);
    add(own, costs);
    for (const { model, nanos, priced, unpriced } of byModel) {
      add(own, { nanos: -nanos, priced: -priced, unpriced: -unpriced });
      add(model, { nanos, priced, unpriced });
    }
    add(own, { prompts: record.kind === 'prompt' ? 1 : 0, errors: isError(record) ? 1 : 0 });
    add(own, { input: tokens.input, output: tokens.output, total: tokens.total });
    for (const { model, input, output } of tokens.byModel) {
      add(own, { input: -input, output: -output, total: -input - output });
      add(model, { input, output, total: input + output });
    }
  }
  return models;
}

export interface ModelCount {
  prompts: number;
  errors: number;
  input: number;
  output: number;
  total: number;
  /** Billionths of a dollar. */
  nanos: number;
  priced: number;
  unpriced: number;
}

export const NO_COUNT: ModelCount = {
  prompts: 0,
  errors: 0,
  input: 0,
  output: 0,
  total: 0,
  nanos: 0,
  priced: 0,
  unpriced: 0,
};

/** Prompts and errors between two times, and the percentiles of their latencies. */
export function recountBetween(records: readonly StoredRecord[], from: number, to: number) {
  const within = records.filter(
    ({ timestamp }) => Date.parse(timestamp) >= from && Date.parse(timestamp) < to,
  );
  const { prompts, requests, errors, inputTokens, outputTokens, totalTokens, latency } = recount(within);
  return {
    ...costsOf(within),
    prompts,
    requests,
    errors,
    inputTokens,
    outputTokens,
    totalTokens,
    p50: latency.p50,
    p95: latency.p95,
  };
}

/** Prompts by the day that a calendar in this time zone shows, for instance `2026-03-29`. */
export function promptsByDay(records: readonly StoredRecord[], timeZone: string): Map<string, number> {
  const calendar = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const days = new Map<string, number>();
  for (const record of records)
    if (record.kind === 'prompt' && isPlausible(record)) {
      const day = calendar.format(new Date(record.timestamp));
      days.set(day, (days.get(day) ?? 0) + 1);
    }
  return days;
}

export function isPlausible({ timestamp, receivedAt }: StoredRecord): boolean {
  const year = Number(timestamp.slice(0, 4));
  return year >= 2020 && Date.parse(timestamp) - Date.parse(receivedAt) <= 24 * 60 * 60 * 1000;
}

export function isError(record: StoredRecord): boolean {
  const { error_type: type, turn_id: turn } = record.properties;
  if (record.kind === 'event' && typeof turn === 'string' && turn !== '') return false;
  return (
    (record.kind === 'event' && record.event === 'LLM error') ||
    (type !== undefined && type !== null && type !== '')
  );
}

export function modelOf(record: StoredRecord): string | undefined {
  if (record.kind === 'prompt') return record.assistantId ?? 'unknown';
  return typeof record.properties['model'] === 'string' ? record.properties['model'] : undefined;
}

export function latencyOf(record: StoredRecord): number | undefined {
  const seconds = record.kind === 'prompt' ? record.latency : undefined;
  return seconds !== undefined && seconds >= 0 && seconds <= 30 * 24 * 60 * 60 ? seconds : undefined;
}

interface Part {
  readonly model: string;
  readonly input: number;
  readonly output: number;
}

export function tokensOf(record: StoredRecord): {
  input: number;
  output: number;
  total: number;
  byModel: Part[];
} {
  const { input_tokens, output_tokens, total_tokens, tokens_by_model: map, turn_id } = record.properties;
  if (record.kind === 'event' && typeof turn_id === 'string')
    return { input: 0, output: 0, total: 0, byModel: [] };
  const byModel =
    record.kind === 'prompt' && map !== undefined
      ? Object.entries(map as Record<string, Record<string, unknown>>).map(([model, part]) => ({
          model,
          input: count(part['input']) ?? 0,
          output: count(part['output']) ?? 0,
        }))
      : [];
  const partsInput = sum(byModel.map(({ input }) => input));
  const partsOutput = sum(byModel.map(({ output }) => output));
  const input = count(input_tokens) ?? partsInput;
  const output = count(output_tokens) ?? partsOutput;
  const total = count(total_tokens) ?? input + output;
  const isTrusted = partsInput <= input && partsOutput <= output && partsInput + partsOutput <= total;
  return { input, output, total, byModel: isTrusted ? byModel : [] };
}

interface Costs {
  nanos: number;
  priced: number;
  unpriced: number;
}

const SOURCES: ReadonlySet<unknown> = new Set(['sent', 'cache', 'own', 'table']);

/** What the server wrote when the record arrived. An event that is no error, and a call within a turn, cost nothing. */
function costOf(record: StoredRecord): Costs & { byModel: (Costs & { model: string })[] } {
  const { properties } = record;
  const nothing = { nanos: 0, priced: 0, unpriced: 0, byModel: [] };
  if (record.kind === 'event' && !isError(record)) return nothing;
  const {
    cost,
    cost_source: source,
    priced_calls,
    unpriced_calls,
    call_count,
    cost_by_model: parts,
  } = properties;
  if (!SOURCES.has(source) || typeof cost !== 'number' || cost < 0) {
    const calls = isError(record) && !(tokensOf(record).total > 0) ? 0 : Number(call_count ?? 1);
    return { ...nothing, unpriced: Number(unpriced_calls ?? calls) };
  }
  const sums = {
    nanos: Math.round(cost * 1e9),
    priced: Number(priced_calls ?? 1),
    unpriced: Number(unpriced_calls ?? 0),
  };
  const byModel = Object.entries((parts ?? {}) as Record<string, Record<string, number>>).map(
    ([model, part]) => ({
      model,
      nanos: Math.round((part['cost'] ?? 0) * 1e9),
      priced: part['priced'] ?? 0,
      unpriced: part['unpriced'] ?? 0,
    }),
  );
  const isTrusted = (['nanos', 'priced', 'unpriced'] as const).every(
    (name) => sum(byModel.map((part) => part[name])) <= sums[name],
  );
  return { ...sums, byModel: isTrusted ? byModel : [] };
}

function count(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) return undefined;
  return number >= 0 && number <= 1_000_000_000 ? Math.round(number) : undefined;
}

/** The value at place ceil(p / 100 * n) of the sorted list, counted from 1. */
export function percentile(values: readonly (number | undefined)[], p: number): number | null {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  let place = 1;
  while (place * 100 < p * sorted.length) place++;
  return sorted[place - 1] ?? null;
}

function ranking(names: readonly string[]): { name: string; count: number }[] {
  const found = [...new Set(names)].map((name) => ({
    name,
    count: names.filter((other) => other === name).length,
  }));
  return found.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)).slice(0, 50);
}

function countDistinct(values: readonly (string | undefined)[]): number {
  return new Set(values.filter((value) => value !== undefined)).size;
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
