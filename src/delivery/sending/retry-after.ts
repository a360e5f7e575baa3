/** The longest wait that a server can ask for. `setTimeout` would also overflow beyond 24 days. */
export const MAX_RETRY_AFTER_MS = 5 * 60 * 1_000;

const SECONDS = /^\d+$/;
// An HTTP date begins with its weekday. Date.parse() alone also accepts "12.5" and "in 3 seconds".
const HTTP_DATE = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i;
const HAS_ZONE = /(?:GMT|UTC|Z|[+-]\d{2}:?\d{2})$/i;

/**
 * Returns the milliseconds that a `Retry-After` header asks for, at most five minutes. The header holds seconds or an HTTP date; of
 * several joined values (`60, 120`) the longest counts. `undefined` if it holds neither.
 */
export function parseRetryAfter(header: string | null | undefined, nowMs: number): number | undefined {
  const value = header?.trim();
  if (!value) return undefined;
  const waitMs = HTTP_DATE.test(value) ? untilDate(value, nowMs) : longestOf(value);
  return waitMs === undefined ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

function untilDate(value: string, nowMs: number): number | undefined {
  // The asctime form of a date has no zone. It means GMT.
  const date = Date.parse(HAS_ZONE.test(value) ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : date - nowMs;
}

function longestOf(value: string): number | undefined {
  const parts = value.split(',').map((part) => part.trim());
  return parts.every((part) => SECONDS.test(part)) ? Math.max(...parts.map(Number)) * 1_000 : undefined;
}
