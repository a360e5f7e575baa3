import type { PropertyValue } from '../../records/model/prompt-record.js';
import { turnOf, type ListedRecord } from './stored-record.js';

/** Tokens of one record that are believed: no model reads or writes more in one call or turn. Above it, a count is unknown. */
export const MAX_TOKENS = 1e9;
/** Latency in seconds that is believed: 30 days. Above it, a latency is unknown. */
export const MAX_LATENCY = 30 * 86_400;

/** Tokens of a record; a field that is undefined is unknown. */
export interface TokenCounts {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly total: number | undefined;
}

/** Tokens that one model used in a turn of several models. */
export interface ModelTokens {
  readonly model: string;
  readonly input: number;
  readonly output: number;
}

/** Returns a number, or the number that a text is; undefined for anything else, NaN and infinities included. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'string' && /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value))
    return toNumber(Number(value));
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Returns the latency of a prompt in seconds; undefined for events, and if it is negative or above {@link MAX_LATENCY}. */
export function latencyOf(record: ListedRecord): number | undefined {
  return record.kind === 'prompt' ? toLatency(record.latency) : undefined;
}

/** Returns a number of seconds that is believed; undefined for anything else. */
export function toLatency(value: unknown): number | undefined {
  const seconds = toNumber(value);
  return seconds !== undefined && seconds >= 0 && seconds <= MAX_LATENCY ? seconds : undefined;
}

/**
 * Reads `input_tokens`, `output_tokens` and `total_tokens`: numbers, or texts that are numbers, rounded. Without a total, it is the sum
 * of the other two. Negative counts and those above {@link MAX_TOKENS} are unknown.
 */
export function tokenCounts({ properties }: Pick<ListedRecord, 'properties'>): TokenCounts {
  const input = toCount(properties['input_tokens']);
  const output = toCount(properties['output_tokens']);
  const sum = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
  return { input, output, total: toCount(properties['total_tokens']) ?? sum };
}

/**
 * Returns the tokens that count in sums. Zero for a call within a turn: its tokens are included in the record of the turn. `byModel`
 * are those of `tokens_by_model`; what they leave belongs to the model of the record.
 */
export function summedTokens(record: ListedRecord): SummedTokens {
  if (turnOf(record) !== undefined) return NO_TOKENS;
  const { input, output, total } = tokenCounts(record);
  const byModel = record.kind === 'prompt' ? tokensByModel(record.properties['tokens_by_model']) : NO_PARTS;
  if (byModel.length === 0) return { input: input ?? 0, output: output ?? 0, total: total ?? 0, byModel };
  const [partsInput, partsOutput] = [sumOf(byModel, 'input'), sumOf(byModel, 'output')];
  const sums = { input: input ?? partsInput, output: output ?? partsOutput };
  const all = { ...sums, total: toCount(record.properties['total_tokens']) ?? sums.input + sums.output };
  // Parts above the record's own counts contradict it: the record is right.
  const isWithin =
    partsInput <= all.input && partsOutput <= all.output && partsInput + partsOutput <= all.total;
  return { ...all, byModel: isWithin ? byModel : NO_PARTS };
}

export interface SummedTokens {
  readonly input: number;
  readonly output: number;
  readonly total: number;
  readonly byModel: readonly ModelTokens[];
}

const NO_PARTS: readonly ModelTokens[] = [];
const NO_TOKENS: SummedTokens = { input: 0, output: 0, total: 0, byModel: NO_PARTS };

/** Reads `{ "gpt-4o": { "input": 90, "output": 40 } }`. Parts that are no counts are 0. */
function tokensByModel(value: PropertyValue | undefined): readonly ModelTokens[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return NO_PARTS;
  return Object.entries(value).flatMap(([model, part]) => {
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return [];
    const { input, output } = part as Readonly<Record<string, unknown>>;
    return model === '' ? [] : [{ model, input: toCount(input) ?? 0, output: toCount(output) ?? 0 }];
  });
}

function sumOf(parts: readonly ModelTokens[], name: 'input' | 'output'): number {
  return parts.reduce((sum, part) => sum + part[name], 0);
}

function toCount(value: unknown): number | undefined {
  const count = toNumber(value);
  return count !== undefined && count >= 0 && count <= MAX_TOKENS ? Math.round(count) : undefined;
}
