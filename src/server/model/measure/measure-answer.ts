/** Numbers of a group of records. All lists have one entry per measure that was asked for, in that order. */
export interface MeasuredValues {
  /** Null where nothing was measured: a rate of nothing, a latency nobody reported, a cost without a price. */
  readonly values: readonly (number | null)[];
  /**
   * Sample size behind each value: requests behind an error rate, rated answers behind a bad share, latencies, numbers of a property, priced
   * calls behind a cost. Null for plain counts.
   */
  readonly n: readonly (number | null)[];
  /** Values for each time step: one list per measure. Undefined if no steps were asked for. */
  readonly series?: readonly (readonly (number | null)[])[];
  readonly seriesN?: readonly (readonly (number | null)[])[];
}

export interface MeasuredGroup extends MeasuredValues {
  /** Null for the records that have no value of the dimension. */
  readonly name: string | null;
}

/** The groups that are not listed, together. */
export interface OtherGroups extends MeasuredValues {
  /** Number of these groups. */
  readonly groups: number;
}

/** Time steps of the series: calendar units in `timeZone`, without gaps. */
export interface MeasureSteps {
  readonly step: 'hour' | 'day' | 'week' | 'month';
  /** IANA name. */
  readonly timeZone: string;
  /** Start of each step in milliseconds, ascending. Weeks begin on Monday. */
  readonly at: readonly number[];
  /** End of the last step: the first millisecond that is not in it. 0 without steps. */
  readonly end: number;
  /** Records in no step, because their time cannot be right. They count in values and totals. */
  readonly outside: number;
}

/** Answer to a `MeasureRequest`. Definitions: docs/numbers.md. */
export interface MeasureAnswer {
  /** ISO 8601. Set by a database that does not sum up all of time where no beginning was asked for: records before are not in any number. */
  readonly since?: string;
  /** All records that match. */
  readonly total: MeasuredValues;
  /** The largest groups by the measure that orders them, then by name; nulls last. Empty if nothing was grouped. */
  readonly groups: readonly MeasuredGroup[];
  /** Null if all groups are listed. */
  readonly other: OtherGroups | null;
  /** Number of groups, listed or not. */
  readonly groupCount: number;
  readonly steps?: MeasureSteps;
}

/** A measured number before it is rounded or divided. */
export interface Measured {
  readonly value: number | null;
  readonly n: number | null;
}

/** Returns the share of `whole` that `part` is; null of nothing. */
export function rate(part: number, whole: number): Measured {
  return { value: whole === 0 ? null : part / whole, n: whole };
}

/** Returns the mean of `n` numbers. */
export function mean(sum: number, n: number): Measured {
  return { value: n === 0 ? null : rounded(sum / n), n };
}

/** Returns the sum of `n` numbers; null if there is none. */
export function sumOf(sum: number, n: number): Measured {
  return { value: n === 0 ? null : rounded(sum), n };
}

/** Order of groups: the largest value first, null last; equal ones by name, in code units as databases compare, the one without a name last. */
export function compareGroups(a: RankedGroup, b: RankedGroup): number {
  const [first, second] = [a.value ?? -Infinity, b.value ?? -Infinity];
  // Not by subtraction: infinities have no difference.
  if (first !== second) return first < second ? 1 : -1;
  if (a.name === b.name) return 0;
  if (a.name === null || b.name === null) return a.name === null ? 1 : -1;
  return a.name < b.name ? -1 : 1;
}

export interface RankedGroup {
  readonly name: string | null;
  readonly value: number | null;
}

/** Digits of sums and means of fractions: the order in which an engine adds them up shows in the last ones. */
const DIGITS = 12;

function rounded(value: number): number {
  return Number.isSafeInteger(value) ? value : Number(value.toPrecision(DIGITS));
}
