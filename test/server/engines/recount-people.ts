import type { StoredRecord } from '../../../src/server/index.js';

/** How people are counted again. */
export interface Recount {
  /** A property; without it, the users. */
  readonly property?: string;
  readonly step: 'day' | 'week' | 'month';
  readonly zone: string;
  /** Milliseconds. Undefined: from the first prompt on. */
  readonly since?: number;
  readonly until: number;
  readonly limit: number;
}

const DAY = 86_400_000;

/**
 * Counts active people again from the records alone, by the definitions of docs/numbers.md: each period is the name of a date on a calendar, and
 * each number a set of names. Shares no code with the server.
 */
export function recountActivity(records: readonly StoredRecord[], recount: Recount) {
  const { visits, names } = visitsOf(records, recount);
  const shown = periodsBetween(visits, recount);
  const activeIn = (period: string): Set<string> =>
    new Set(visits.filter((visit) => visit.period === period).flatMap(({ name }) => name ?? []));
  const firstOf = new Map(
    names.map((name) => [
      name,
      visits
        .filter((visit) => visit.name === name)
        .map(({ period }) => period)
        .toSorted()[0],
    ]),
  );
  const periods = shown.map((period) => {
    const active = activeIn(period);
    const before = activeIn(neighbour(period, recount.step, -1));
    const fresh = [...active].filter((name) => firstOf.get(name) === period);
    const returning = [...active].filter((name) => before.has(name));
    const own = visits.filter((visit) => visit.period === period);
    return {
      period,
      active: active.size,
      new: fresh.length,
      returning: returning.length,
      resurrected: [...active].filter((name) => !fresh.includes(name) && !before.has(name)).length,
      dormant: [...before].filter((name) => !active.has(name)).length,
      prompts: own.length,
      unattributed: own.filter(({ name }) => name === undefined).length,
    };
  });
  const all = new Set(shown.flatMap((period) => [...activeIn(period)]));
  return { periods, active: all.size };
}

/** Counts cohorts again: for each week the members, and how many of them had a prompt in week k, or in a later one. */
export function recountRetention(
  records: readonly StoredRecord[],
  recount: Recount,
  mode: 'in' | 'in-or-after',
) {
  const { visits, names } = visitsOf(records, recount);
  const shown = periodsBetween(visits, recount);
  const weeksOf = new Map(
    names.map((name) => [
      name,
      new Set(visits.filter((visit) => visit.name === name).map(({ period }) => period)),
    ]),
  );
  return shown.map((cohort, index) => {
    const members = names.filter((name) => [...(weeksOf.get(name) ?? [])].toSorted()[0] === cohort);
    const weeks = shown.slice(index).map((week) => {
      const wanted = mode === 'in' ? [week] : shown.slice(shown.indexOf(week));
      return members.filter((name) => wanted.some((one) => weeksOf.get(name)?.has(one))).length;
    });
    return { period: cohort, size: members.length, weeks };
  });
}

interface Visit {
  readonly period: string;
  readonly name: string | undefined;
}

function visitsOf(records: readonly StoredRecord[], { property, step, zone }: Recount) {
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const visits = records
    .filter(({ kind }) => kind === 'prompt')
    .map((record): Visit => {
      const [at, received] = [Date.parse(record.timestamp), Date.parse(record.receivedAt)];
      const isOdd = at < Date.UTC(2020, 0, 1) || at > received + DAY;
      return {
        period: periodOf(calendar.format(isOdd ? received : at), step),
        name: nameOf(record, property),
      };
    });
  return { visits, names: [...new Set(visits.flatMap(({ name }) => name ?? []))] };
}

function nameOf({ userId, properties }: StoredRecord, property: string | undefined): string | undefined {
  if (property === undefined) return userId === 'anonymous' ? undefined : userId;
  const value = properties[property];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Returns the name of a period: its first day, as YYYY-MM-DD. */
export function periodOf(day: string, step: Recount['step']): string {
  if (step === 'day') return day;
  if (step === 'month') return `${day.slice(0, 7)}-01`;
  const date = new Date(`${day}T00:00:00Z`);
  return iso(date.getTime() - ((date.getUTCDay() + 6) % 7) * DAY);
}

function neighbour(period: string, step: Recount['step'], by: 1 | -1): string {
  const date = new Date(`${period}T00:00:00Z`);
  if (step === 'month') return iso(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + by, 1));
  return iso(date.getTime() + by * (step === 'week' ? 7 : 1) * DAY);
}

function periodsBetween(visits: readonly Visit[], { step, zone, since, until, limit }: Recount): string[] {
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const named = (time: number): string => periodOf(calendar.format(time), step);
  const first = since === undefined ? visits.map(({ period }) => period).toSorted()[0] : named(since);
  const periods: string[] = [];
  if (first === undefined) return periods;
  for (let period = first; period <= named(until); period = neighbour(period, step, 1)) periods.push(period);
  return periods.slice(-limit);
}

function iso(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
