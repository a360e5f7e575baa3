import type { ComparedPeriods } from '../../../insights/compare/compared-periods.js';
import { timeZone } from '../../browser/time-zone.js';

/** Returns the parameters of a request about people: the filters, and those that are not empty. Days are those of the page's time zone. */
export function apiQuery(query: string, parameters: Readonly<Record<string, string>>): string {
  const all = new URLSearchParams(query);
  for (const [name, value] of Object.entries({ ...parameters, timezone: timeZone() }))
    if (value !== '') all.set(name, value);
  return all.toString();
}

/** Says why somebody who is new may not be. */
export function CutNote({ isUncertain }: { readonly isUncertain: boolean }) {
  if (!isUncertain) return null;
  return <span class="muted">Older records are gone: who counts as new may have been here before.</span>;
}

/** Returns the parameters of a comparison in the address, each empty if there is none. */
export function comparedWith(params: URLSearchParams): {
  readonly against: string;
  readonly parts: string;
} {
  const against = params.get('against') ?? '';
  return { against, parts: against === '' ? '' : (params.get('parts') ?? '') };
}

interface AnyPeriod {
  readonly at: number;
  readonly end?: number;
}

const WEEK = 7 * 86_400_000;

/** Returns the times of two lists of periods, which are weeks if they have no end; null if both are of the same time. */
export function rangesOf(
  periods: readonly AnyPeriod[],
  others: readonly AnyPeriod[],
): ComparedPeriods | null {
  const [current, before] = [rangeOf(periods), rangeOf(others)];
  if (current.from === before.from) return null;
  return { current, before, isRunning: current.to > Date.now() };
}

function rangeOf(periods: readonly AnyPeriod[]): ComparedPeriods['current'] {
  const [first, last] = [periods[0], periods.at(-1)];
  return { from: first?.at ?? 0, to: last?.end ?? (last?.at ?? 0) + WEEK };
}
