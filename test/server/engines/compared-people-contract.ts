import { expect, test } from 'vitest';
import { readActivity, readRetention } from '../../../src/server/http/measure/compared-people.js';
import type { RecordStore, StoredRecord } from '../../../src/server/index.js';
import type {
  ComparedActivity,
  ComparedRetention,
} from '../../../src/server/insights/compare/compare-people.js';
import type { Engine } from './engine.js';
import { inOnePeriod, useVisited, ZONES } from './people-contract.js';
import { recountActivity, recountRetention, type Recount } from './recount-people.js';
import { exported } from './stored.js';

const DAY = 86_400_000;
const STEPS = ['day', 'week', 'month'] as const;
const COUNT = 5;

/** Holds an engine to the comparisons of people: both sides are counted again from the records that it exports. */
export function checkComparedPeople(engine: Engine): void {
  test.each(ZONES)(
    `${engine.name}: people of running and of complete periods in %s are compared with those before, as a plain count gives them`,
    async (zone) => {
      const to = Date.now();
      const store = await useVisited(engine, { from: to - 70 * DAY, to });
      const records = await exported(store, {});
      for (const step of STEPS)
        for (const parts of ['elapsed', 'complete'] as const)
          for (const against of ['previous', 'same-weekday'] as const) {
            const { given, cut, count } = await inOnePeriod(zone, async () => {
              const answer = await activityOf(store, { step, parts, against, timezone: zone });
              // Five days are moved back by a week; weeks and months, and what is before, by as many as there are.
              const moved = step === 'day' && against === 'same-weekday' ? 7 : answer.periods.length;
              const time = parts === 'elapsed' ? cutOf(step, moved, zone) : undefined;
              return { given: answer, cut: time, count: moved };
            });
            const [first, last] = [given.periods[0]?.at ?? 0, given.periods.at(-1)?.at ?? 0];
            expect(given.periods.map(({ isRunning }) => isRunning)).toEqual(
              given.periods.map((_, at) => parts === 'elapsed' && at === given.periods.length - 1),
            );
            const limit = given.periods.length;
            const until = count === 7 ? daysBefore(last, count, zone) : first - 1;
            const recount = { step, zone, since: until - 400 * DAY, until, limit };
            expectActive(given, recountActivity(upTo(records, cut), recount));
          }
    },
  );

  test.each(ZONES)(
    `${engine.name}: the retention of running and of complete weeks in %s is compared with the weeks before, as a plain count gives it`,
    async (zone) => {
      const to = Date.now();
      const store = await useVisited(engine, { from: to - 70 * DAY, to });
      const records = await exported(store, {});
      for (const parts of ['elapsed', 'complete'] as const) {
        const { given, cut } = await inOnePeriod(zone, async () => ({
          given: await retentionOf(store, { parts, against: 'previous', timezone: zone }),
          cut: parts === 'elapsed' ? cutOf('week', COUNT, zone) : undefined,
        }));
        const until = (given.cohorts[0]?.at ?? 0) - 1;
        const recount = { step: 'week', zone, since: until - 400 * DAY, until, limit: COUNT } as const;
        expectReturned(given, recountRetention(upTo(records, cut), recount, 'in'), parts === 'elapsed');
      }
    },
  );

  test(`${engine.name}: people of a filter are compared with those of another one in the same periods`, async () => {
    const range = { from: Date.UTC(2026, 1, 20), to: Date.UTC(2026, 3, 20, 15) };
    const store = await useVisited(engine, range);
    const others = (await exported(store, {})).filter(({ properties }) => properties['plan "x"'] === 'pro');
    const until = range.to - 10 * DAY;
    const filters = {
      tag: 'beta',
      against: new URLSearchParams({ tag: '', 'prop.plan "x"': 'pro' }).toString(),
      until: String(until),
      timezone: 'America/New_York',
    };
    const zone = filters.timezone;
    const activity = await activityOf(store, { ...filters, step: 'week' });
    const recount: Recount = {
      step: 'week',
      zone,
      since: activity.periods[0]?.at ?? 0,
      until,
      limit: COUNT,
    };
    expectActive(activity, recountActivity(others, recount));
    expect(activity.against.periods.map(({ at }) => at)).toEqual(activity.periods.map(({ at }) => at));
    const retention = await retentionOf(store, filters);
    expectReturned(retention, recountRetention(others, recount, 'in'), false);
    expect(retention.against.cohorts.map(({ at }) => at)).toEqual(retention.cohorts.map(({ at }) => at));
  });
}

type Parameters = Readonly<Record<string, string>>;

async function activityOf(store: RecordStore, parameters: Parameters): Promise<ComparedActivity> {
  const params = new URLSearchParams({ limit: String(COUNT), internal: 'show', ...parameters });
  return (await readActivity(params, store)) as ComparedActivity;
}

async function retentionOf(store: RecordStore, parameters: Parameters): Promise<ComparedRetention> {
  const params = new URLSearchParams({ limit: String(COUNT), internal: 'show', ...parameters });
  return (await readRetention(params, store)) as ComparedRetention;
}

function expectActive(given: ComparedActivity, expected: ReturnType<typeof recountActivity>): void {
  const { against } = given;
  expect(against.periods.map(({ at: _at, end: _end, isRunning: _isRunning, ...counts }) => counts)).toEqual(
    expected.periods.map(({ period: _period, ...counts }) => counts),
  );
  expect(against.total.active).toBe(expected.active);
  const differences = given.periods.map(({ active }, at) => active - (expected.periods[at]?.active ?? 0));
  expect(against.changes.map(({ difference }) => difference)).toEqual(differences);
  expect(against.totalChange.difference).toBe(given.total.active - expected.active);
}

function expectReturned(
  given: ComparedRetention,
  expected: ReturnType<typeof recountRetention>,
  isRunning: boolean,
): void {
  const { against } = given;
  expect(
    against.cohorts.map(({ size, weeks }) => [size, weeks.flatMap((cell) => cell?.people ?? [])]),
  ).toEqual(expected.map(({ size, weeks }) => [size, size === 0 ? [] : weeks]));
  const shares = expected.map((_, k) => {
    const known = expected.filter(({ size, weeks }) => size > 0 && k < weeks.length - (isRunning ? 1 : 0));
    const of = known.reduce((sum, { size }) => sum + size, 0);
    return of === 0 ? null : known.reduce((sum, { weeks }) => sum + (weeks[k] ?? 0), 0) / of;
  });
  expect(against.mean.map(({ share }) => share)).toEqual(shares);
  const points = given.mean.map(({ share }, k) => {
    const before = shares[k];
    return share === null || before == null ? null : rounded(100 * (share - before));
  });
  expect(against.changes.map(({ change }) => (change === null ? null : rounded(change)))).toEqual(points);
}

/** What is left of a fraction is not exact. */
function rounded(value: number): number {
  return Number(value.toFixed(6)) + 0;
}

/** Records that were there at a time, by the time of the prompt. */
function upTo(records: readonly StoredRecord[], time: number | undefined): readonly StoredRecord[] {
  return time === undefined ? records : records.filter(({ timestamp }) => Date.parse(timestamp) <= time);
}

/** Returns the time at which the clock showed what it shows now, so many units earlier: the end of a month if it has no such day. */
function cutOf(step: Recount['step'], count: number, zone: string): number {
  if (step !== 'month') return daysBefore(Date.now(), count * (step === 'week' ? 7 : 1), zone);
  const now = wallOf(Date.now(), zone);
  const then = new Date(now);
  then.setUTCMonth(then.getUTCMonth() - count, 1);
  const length = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
  const day = new Date(now).getUTCDate();
  then.setUTCDate(Math.min(day, length));
  return day > length ? atWall(then.setUTCHours(23, 59, 59, 999), zone) : atWall(then.getTime(), zone);
}

function daysBefore(time: number, days: number, zone: string): number {
  return atWall(wallOf(time, zone) - days * DAY, zone);
}

/** Returns what a clock on the wall shows, as if it were UTC. */
function wallOf(time: number, zone: string): number {
  const shown = new Date(time).toLocaleString('sv-SE', { timeZone: zone });
  return Date.parse(`${shown.replace(' ', 'T')}Z`) + (time % 1000);
}

/** Tries all offsets of the world, the earliest time first; after the hour that a clock leaves out, the time of the change. */
function atWall(wall: number, zone: string): number {
  const minutes = Array.from({ length: 4 * 27 }, (_, at) => at * 15 - 14 * 60);
  const times = minutes.map((minute) => wall + minute * 60_000);
  return (
    times.find((time) => wallOf(time, zone) === wall) ?? wall - (wallOf(wall - DAY, zone) - (wall - DAY))
  );
}
