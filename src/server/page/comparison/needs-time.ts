/** Comparisons with an earlier time, and not with other records of the same time. */
const EARLIER: ReadonlySet<string> = new Set(['previous', 'same-weekday']);

/** Returns true if the address compares with an earlier time, and does not say since when: there is no time before all of time. */
export function needsTime(params: URLSearchParams): boolean {
  return EARLIER.has(params.get('against') ?? '') && !params.get('since');
}
