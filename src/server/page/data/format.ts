import type { StoredRecord } from '../../model/stored-record.js';

const integers = new Intl.NumberFormat('en');
const compactNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function formatInteger(value: number): string {
  return integers.format(value);
}

export function formatCompact(value: number): string {
  return compactNumbers.format(value);
}

/** `840 ms`, `1.24 s`, `2 m 05 s`. */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (Number.isInteger(seconds) && seconds < 60) return `${seconds} s`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} m ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}

/** The time alone for today, else the day and the time; local. */
export function formatTime(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = date.toTimeString().slice(0, 8);
  return date.toDateString() === now.toDateString() ? time : `${days.format(date)} ${time.slice(0, 5)}`;
}

export function formatFullTime(iso: string): string {
  const date = new Date(iso);
  return `${days.format(date)} ${date.getFullYear()}, ${date.toTimeString().slice(0, 8)}`;
}

/** A filter's time: ISO 8601 or milliseconds in local time, an age such as `24h` as it is. */
export function formatFilterTime(value: string): string {
  const date = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(date.getTime()) ? `${value} ago` : formatFullTime(date.toISOString()).slice(0, -3);
}

export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}

export function numberProperty(record: StoredRecord, name: string): number | undefined {
  const value = record.properties[name];
  return typeof value === 'number' ? value : undefined;
}

export function textProperty(record: StoredRecord, name: string): string | undefined {
  const value = record.properties[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function totalTokens(record: StoredRecord): number | undefined {
  const [input, output] = [numberProperty(record, 'input_tokens'), numberProperty(record, 'output_tokens')];
  const sum = input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0);
  return numberProperty(record, 'total_tokens') ?? sum;
}
