import {
  formatCost,
  formatCount,
  formatInteger,
  formatPercent,
  formatPoints,
  formatSeconds,
  roundChange,
} from '../../model/measure/format-numbers.js';
import type { Change } from '../compare/change.js';
import type { ReportRow } from './report.js';

/** Format of a measure's values. */
export const FORMATS = {
  count: formatInteger,
  share: (share: number): string => formatPercent(share, 1),
  seconds: formatSeconds,
  cost: (cost: number): string => (cost < 0 ? `−${formatCost(-cost)}` : formatCost(cost)),
} as const;

export type Format = keyof typeof FORMATS;

/** Returns a value; a dash where nothing was measured. */
export function formatValue(value: number | null, format: Format): string {
  return value === null ? '–' : FORMATS[format](value);
}

/** Returns a change with the value before: `+20 % (10)`, `−1.5 points (4 %)`, `new`, `same (3)`; empty if one of them was not measured. */
export function changeText(compared: Change, format: Format): string {
  const { before, difference, change, isNew } = compared;
  if (isNew) return 'new';
  if (difference === null || before === null) return '';
  const earlier = ` (${formatValue(before, format)})`;
  if (difference === 0) return `same${earlier}`;
  const sign = difference > 0 ? '+' : '−';
  if (change === null) return `${sign}${formatValue(Math.abs(difference), format)}${earlier}`;
  return `${relativeText(change, compared.unit)}${earlier}`;
}

/** Formats a change that is known: `+20 %`, `−1.5 points`, `about the same` if it is too small to be told. */
export function relativeText(change: number, unit: Change['unit']): string {
  const percent = 100 * Math.abs(change);
  const [size, text] =
    unit === 'points'
      ? [Math.abs(change), formatPoints(Math.abs(change))]
      : [percent, `${formatInteger(roundChange(percent))} %`];
  if (roundChange(size) === 0) return 'about the same';
  return `${change > 0 ? '+' : '−'}${text}`;
}

/** Returns a row. `of` names what is behind a rate: `2 % of 340 requests`. */
export function changeRow(name: string, change: Change, format: Format, of?: string): ReportRow {
  const value = formatValue(change.value, format);
  const behind = of === undefined || change.value === null || change.n === null;
  return {
    name,
    value: behind ? value : `${value} of ${countOf(change.n, of)}`,
    change: changeText(change, format),
    judgement: change.mayBeChance ? null : change.judgement,
  };
}

/** @param of `rated`, or the plural of what is counted, such as `requests` */
export function countOf(n: number, of: string): string {
  return formatCount(n, of.replace(/s$/, ''), of);
}
