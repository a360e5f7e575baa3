import { toLatency } from '../measures.js';

const scores = new Intl.NumberFormat('en', { maximumFractionDigits: 3, useGrouping: false });
const integers = new Intl.NumberFormat('en');
const compactNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const dollars = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** Digits behind the point of the smallest cost that is told apart from 0. */
const MAX_DIGITS = 9;

export function formatInteger(value: number): string {
  return integers.format(value);
}

export function formatCompact(value: number): string {
  return compactNumbers.format(value);
}

/**
 * Formats a duration as `840 ms`, `1.24 s`, `2 m 05 s`, `1 h 01 m` or `2 d 03 h`, without a second part that is zero. Rounds once, before
 * it divides: 119.7 s are `2 m`. One that is unknown or not believed is a dash.
 */
export function formatSeconds(given: number | null | undefined): string {
  const seconds = toLatency(given);
  if (seconds === undefined) return '–';
  if (seconds > 0 && seconds < 0.0005) return '< 1 ms';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.995) return `${withoutZeros(seconds.toFixed(2))} s`;
  if (seconds < 59.95) return `${withoutZeros(seconds.toFixed(1))} s`;
  if (seconds < 3599.5) return inTwoUnits(Math.round(seconds), 60, 'm', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return inTwoUnits(minutes, 60, 'h', 'm');
  return inTwoUnits(Math.round(seconds / 3600), 24, 'd', 'h');
}

/** Formats a score with at most three decimals. */
export function formatScore(score: number): string {
  return scores.format(score);
}

export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  // A few are not none, and almost all are not all.
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  if (percent < 100 && percent >= 99.5) return `${Math.min(99.9, percent).toFixed(1)} %`;
  return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
}

/** Rounds the size of a change in percent or percentage points. A result of 0 is a change that is too small to be told. */
export function roundChange(size: number): number {
  return Number(size.toFixed(size < 9.95 ? 1 : 0));
}

/** Formats a number of percentage points that is not negative: `1 point`, `1.2 points`. */
export function formatPoints(points: number): string {
  const rounded = roundChange(points);
  return `${formatScore(rounded)} ${rounded === 1 ? 'point' : 'points'}`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}

/** Formats US dollars as `$1,234.50`, `$0.45`, `$0.0012` or `$0.000012`: below a cent, with two digits that are not zero. */
export function formatCost(cost: number): string {
  if (cost === 0) return '$0';
  if (cost >= 0.0995) return `$${dollars.format(cost)}`;
  const digits = Math.min(MAX_DIGITS, 1 - Math.floor(Math.log10(cost)));
  // 0.0120 is 0.012.
  return `$${cost.toFixed(Math.max(2, digits)).replace(/(\.\d\d\d*?)0+$/, '$1')}`;
}

/** `1.00` is `1`, and `1.50` stays, so that the numbers of a column have as many digits. */
function withoutZeros(fixed: string): string {
  return fixed.replace(/\.0+$/, '');
}

function inTwoUnits(count: number, perUnit: number, unit: string, smaller: string): string {
  const rest = count % perUnit;
  const first = `${Math.floor(count / perUnit)} ${unit}`;
  return rest === 0 ? first : `${first} ${String(rest).padStart(2, '0')} ${smaller}`;
}
