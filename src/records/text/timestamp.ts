/** The second of the last timestamp and its text: under load many calls end within one, and writing a date out takes a while. */
let lastSecond = Number.NaN;
let lastText = '';

/** Returns a time that a user gave, as ISO 8601 in UTC; `undefined` if it is not a time. */
export function toIso(time: unknown): string | undefined {
  if (typeof time !== 'string' && typeof time !== 'number' && !(time instanceof Date)) return undefined;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Milliseconds since the epoch as ISO 8601, in UTC. What is no time is the epoch. */
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
