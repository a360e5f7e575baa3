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
  // Each field by its name: a name in a variable is looked up three times as slowly (test/bench/intake.mjs).
  const cacheRead = toCount(fields['cache_read_tokens']) ?? 0;
  const cacheWrite = toCount(fields['cache_write_tokens']) ?? 0;
  const givenInput = toCount(fields['input_tokens']);
  const givenOutput = toCount(fields['output_tokens']);
  const total = toCount(fields['total_tokens']);
  const input = givenInput ?? difference(total, givenOutput);
  const output = givenOutput ?? difference(total, givenInput);
  if (input === undefined || output === undefined) return undefined;
  return isCount(input) &&
    isCount(output) &&
    isCount(cacheRead) &&
    isCount(cacheWrite) &&
    cacheRead + cacheWrite <= input &&
    input + output > 0
    ? { input, output, cacheRead, cacheWrite }
    : undefined;
}

/** Returns whether anything was counted, even if it is not believed. */
export function hasUsage(fields: UsageFields): boolean {
  return ['input_tokens', 'output_tokens', 'total_tokens'].some((name) => (toCount(fields[name]) ?? 0) !== 0);
}

/** Returns undefined for a count that is not there, and NaN for one that is no number. */
function toCount(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  return Math.round(toNumber(value) ?? Number.NaN);
}

/** NaN is none. */
function isCount(value: number): boolean {
  return value >= 0 && value <= MAX_TOKENS;
}

function difference(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined ? undefined : total - part;
}
