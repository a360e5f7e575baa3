import { CommandError } from '../command-error.js';

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads a time such as `30s`, `10m`, `2h` or `1d`, in milliseconds. @throws CommandError */
export function readDuration(name: string, text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined)
    throw new CommandError(`${name} must be a time such as 30s, 10m or 2h, not "${text}"`, 2);
  return Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
