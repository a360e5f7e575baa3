/** Second of the last timestamp and its text. Under load many calls end within one second, and formatting a date is slow. */
let lastSecond = Number.NaN;
let lastText = '';

/** Formats milliseconds since the epoch as ISO 8601 in UTC. Returns the epoch if `ms` is no valid time. */
export function toTimestamp(ms: number): string {
  const wholeMs = Math.trunc(ms);
  const second = Math.floor(wholeMs / 1_000);
  if (second !== lastSecond) {
    const date = new Date(second * 1_000);
    if (Number.isNaN(date.getTime())) return new Date(0).toISOString();
    lastText = date.toISOString().slice(0, -'000Z'.length);
    lastSecond = second;
  }
  return `${lastText}${String(wholeMs - second * 1_000).padStart(3, '0')}Z`;
}

/** Formats a time that a user gave as ISO 8601 in UTC. `undefined`: it is no valid time. */
export function toIso(time: unknown): string | undefined {
  if (typeof time !== 'string' && typeof time !== 'number' && !(time instanceof Date)) return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
