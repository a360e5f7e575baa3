import type { Statistics } from '../../model/statistics.js';

/** With fewer requests, or on the first days, the live list says more than a summary that has nothing to compare with. */
const ENOUGH_REQUESTS = 30;
const ENOUGH_MS = 4 * 86_400_000;
const KEY = 'trubrics.first-screen';

/** Returns true if somebody has opened the bare address in this tab, and nothing has been chosen yet. */
export function isUndecided(url: URL, basePath: string): boolean {
  return isAtBareAddress(url, basePath) && storage()?.getItem(KEY) == null;
}

export function isAtBareAddress({ pathname, search }: URL, basePath: string): boolean {
  return pathname.slice(basePath.length).replace(/^$/, '/') === '/' && search === '';
}

/** Notes that the reader has seen a first screen in this tab: from now on, the address of the list shows the list. */
export function noteDecided(): void {
  storage()?.setItem(KEY, 'seen');
}

/** Returns true if there is enough to sum up. @param statistics of all records, in few buckets, which are round: about two days are four */
export function isWorthASummary({ requests, series }: Statistics): boolean {
  return requests >= ENOUGH_REQUESTS && series.end - (series.at[0] ?? series.end) >= ENOUGH_MS;
}

/** The browser may forbid it. */
function storage(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    return undefined;
  }
}
