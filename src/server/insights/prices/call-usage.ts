import { MAX_TOKENS, toNumber } from '../../model/measures.js';

/** Tokens of one call. Cached tokens are included in `input`, reasoning tokens in `output`. */
export interface CallUsage {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Token counts as a record or an entry of `calls` has them. */
export type UsageFields = Readonly<Record<string, unknown>>;

/**
 * Reads `input_tokens`, `output_tokens`, `cache_read_tokens` and `cache_write_tokens`. If one of the first two is missing, `total_tokens`
 * tells it.
 *
 * Returns undefined for no usage, for zero tokens, and for counts that cannot be right: negative, no numbers, more cached tokens than input.
 */
export function readCallUsage(fields: UsageFields): CallUsage | undefined {
  const cacheRead = countOf(fields, 'cache_read_tokens') ?? 0;
  const cacheWrite = countOf(fields, 'cache_write_tokens') ?? 0;
  const given = { input: countOf(fields, 'input_tokens'), output: countOf(fields, 'output_tokens') };
  const total = countOf(fields, 'total_tokens');
  const input = given.input ?? difference(total, given.output);
  const output = given.output ?? difference(total, given.input);
  if (input === undefined || output === undefined) return undefined;
  const usage = { input, output, cacheRead, cacheWrite };
  // NaN and negative counts fail as well.
  return Object.values(usage).every((count) => count >= 0 && count <= MAX_TOKENS) &&
    cacheRead + cacheWrite <= input &&
    input + output > 0
    ? usage
    : undefined;
}

/** Returns whether anything was counted, even if it is not believed. */
export function hasUsage(fields: UsageFields): boolean {
  return ['input_tokens', 'output_tokens', 'total_tokens'].some((name) => (countOf(fields, name) ?? 0) !== 0);
}

/** Returns undefined for a count that is not there, and NaN for one that is no number. */
function countOf(fields: UsageFields, name: string): number | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  return Math.round(toNumber(value) ?? Number.NaN);
}

function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total - part;
}
