import {
  formatCost,
  formatInteger,
  formatPercent,
  formatScore,
  formatSeconds,
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
export function changeText({ before, difference, change, unit, isNew }: Change, format: Format): string {
  if (isNew) return 'new';
  if (difference === null || before === null) return '';
  const earlier = ` (${formatValue(before, format)})`;
  if (difference === 0) return `same${earlier}`;
  const sign = difference > 0 ? '+' : '−';
  if (change === null) return `${sign}${formatValue(Math.abs(difference), format)}${earlier}`;
  const size = Math.abs(change);
  const text = unit === 'points' ? `${formatScore(round(size))} points` : `${formatPercentOf(size)} %`;
  return `${sign}${text}${earlier}`;
}

/** Returns a row. `of` names what is behind a rate: `2 % of 340 requests`. */
export function changeRow(name: string, change: Change, format: Format, of?: string): ReportRow {
  const value = formatValue(change.value, format);
  const behind = of === undefined || change.value === null || change.n === null;
  return {
    name,
    value: behind ? value : `${value} of ${formatInteger(change.n)} ${of}`,
    change: changeText(change, format),
    judgement: change.mayBeChance ? null : change.judgement,
  };
}

function formatPercentOf(share: number): string {
  return formatInteger(Number((100 * share).toFixed(share < 0.0995 ? 1 : 0)));
}

function round(points: number): number {
  return Number(points.toFixed(points < 9.95 ? 1 : 0));
}
