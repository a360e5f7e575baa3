const integers = new Intl.NumberFormat('en');
const compactNumbers = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export function formatInteger(value: number): string {
  return integers.format(value);
}

export function formatCompact(value: number): string {
  return compactNumbers.format(value);
}

/** Formats a duration as `840 ms`, `1.24 s` or `2 m 05 s`; an unknown one as a dash. */
export function formatSeconds(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (Number.isInteger(seconds) && seconds < 60) return `${seconds} s`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  return `${Math.floor(seconds / 60)} m ${String(Math.round(seconds % 60)).padStart(2, '0')} s`;
}

/** Formats a timestamp in local time: the time alone if it is today, else day and time. */
export function formatTime(iso: string, now = new Date()): string {
  const date = new Date(iso);
  const time = date.toTimeString().slice(0, 8);
  return date.toDateString() === now.toDateString() ? time : `${days.format(date)} ${time.slice(0, 5)}`;
}

export function formatFullTime(iso: string): string {
  const date = new Date(iso);
  return `${days.format(date)} ${date.getFullYear()}, ${date.toTimeString().slice(0, 8)}`;
}

/** Formats the value of a time filter: a point in time (ISO 8601 or ms) in local time, an age such as `24h` as `24h ago`. */
export function formatFilterTime(value: string): string {
  const date = new Date(/^\d+$/.test(value) ? Number(value) : value);
  return Number.isNaN(date.getTime()) ? `${value} ago` : formatFullTime(date.toISOString()).slice(0, -3);
}

export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatInteger(count)} ${count === 1 ? one : many}`;
}
