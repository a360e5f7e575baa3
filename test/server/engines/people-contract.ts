import { expect, test } from 'vitest';
import type { NewRecord, RecordQuery, RecordStore } from '../../../src/server/index.js';
import type { ActorKind } from '../../../src/server/query/people-request.js';
import type { Engine } from './engine.js';
import { randomNumbers } from './month.js';
import { periodOf, recountActivity, recountRetention, type Recount } from './recount-people.js';
import { exported, numbered, useStore } from './stored.js';

export const ZONES = ['UTC', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'] as const;
const STEPS = ['day', 'week', 'month'] as const;
const DAY = 86_400_000;
/** Days around which clocks are set, in New York and on Lord Howe. */
const SEASONS = {
  spring: { from: Date.UTC(2026, 1, 20), to: Date.UTC(2026, 3, 20, 15) },
  autumn: { from: Date.UTC(2025, 8, 20), to: Date.UTC(2025, 10, 20, 3) },
} as const;

const ACTORS: readonly [by: ActorKind, property: string | undefined][] = [
  ['user', undefined],
  ['organization', 'organization_id'],
  [{ property: 'plan "x"' }, 'plan "x"'],
];

/** Holds an engine to the definitions of active people and of retention: everything is counted again from the records that it exports. */
export function checkPeople(engine: Engine): void {
  test.each(ZONES)(
    `${engine.name}: active, new, returning, resurrected and dormant people in %s are those that a plain count gives, also when clocks are set`,
    async (zone) => {
      for (const season of Object.values(SEASONS)) {
        const store = await useVisited(engine, season);
        const records = await exported(store, {});
        for (const step of STEPS)
          for (const [by, property] of ACTORS) {
            const recount = { step, zone, until: season.to, limit: 400, ...(property && { property }) };
            const given = await store.activity(
              { until: { at: season.to } },
              { by, step, timeZone: zone, limit: 400 },
            );
            expectActivity(given, recountActivity(records, recount));
            expect(given.periods.every(({ isRunning }) => !isRunning)).toBe(true);
            const since = season.from + 31 * DAY + 5_000_000;
            const later = await store.activity(
              { since: { at: since }, until: { at: season.to - 10 * DAY } },
              { by, step, timeZone: zone, limit: 3 },
            );
            expectActivity(
              later,
              recountActivity(records, { ...recount, since, until: season.to - 10 * DAY, limit: 3 }),
            );
          }
      }
    },
  );

  test.each(ZONES)(
    `${engine.name}: the retention of each week in %s is the one that a plain count gives, also when clocks are set`,
    async (zone) => {
      for (const season of Object.values(SEASONS)) {
        const store = await useVisited(engine, season);
        const records = await exported(store, {});
        for (const mode of ['in', 'in-or-after'] as const)
          for (const [by, property] of ACTORS) {
            const recount = {
              step: 'week',
              zone,
              until: season.to,
              limit: 100,
              ...(property && { property }),
            } as const;
            const given = await store.retention(
              { until: { at: season.to } },
              { by, mode, timeZone: zone, limit: 100 },
            );
            expectRetention(given, recountRetention(records, recount, mode));
            const since = season.from + 20 * DAY;
            const later = await store.retention(
              { since: { at: since }, until: { at: season.to } },
              { by, mode, timeZone: zone, limit: 4 },
            );
            expectRetention(later, recountRetention(records, { ...recount, since, limit: 4 }, mode));
          }
      }
    },
  );

  test(`${engine.name}: filters choose the prompts that count, and the time never what was first`, async () => {
    const season = SEASONS.spring;
    const store = await useVisited(engine, season);
    const queries: readonly RecordQuery[] = [
      { tags: ['beta'] },
      { not: [{ tags: ['beta'] }] },
      { peopleWho: [{ tags: ['beta'] }] },
      { kinds: ['event'] },
      { kinds: ['event', 'prompt'], properties: [{ name: 'organization_id', values: ['acme', '7'] }] },
      { terms: [{ text: 'q1' }] },
    ];
    const recount = {
      step: 'week',
      zone: 'UTC',
      since: season.from + 14 * DAY,
      until: season.to,
      limit: 30,
    } as const;
    const range = { since: { at: recount.since }, until: { at: recount.until } };
    for (const query of queries) {
      const records = await exported(store, query);
      expectActivity(
        await store.activity({ ...query, ...range }, { step: 'week' }),
        recountActivity(records, recount),
      );
      expectRetention(
        await store.retention({ ...query, ...range }, { limit: 30 }),
        recountRetention(records, recount, 'in'),
      );
    }
  });

  test.each(ZONES)(
    `${engine.name}: the running day, week and month in %s are marked, and left out of the mean`,
    async (zone) => {
      const to = Date.now();
      const store = await useVisited(engine, { from: to - 40 * DAY, to });
      const records = await exported(store, {});
      for (const step of STEPS) {
        const given = await inOnePeriod(zone, async () =>
          store.activity({}, { step, timeZone: zone, limit: 20 }),
        );
        expectActivity(given, recountActivity(records, { step, zone, until: Date.now(), limit: 20 }));
        expect(given.periods.map(({ isRunning }) => isRunning)).toEqual(
          given.periods.map((_, index) => index === given.periods.length - 1),
        );
      }
      const { cohorts, mean } = await inOnePeriod(zone, async () =>
        store.retention({}, { timeZone: zone, limit: 20 }),
      );
      const recounted = recountRetention(records, { step: 'week', zone, until: Date.now(), limit: 20 }, 'in');
      expectRetention({ cohorts, timeZone: zone }, recounted);
      const cells = cohorts.map(({ weeks }) => weeks.filter((cell) => cell !== null));
      expect(cells.map((row) => row.map(({ isRunning }) => isRunning))).toEqual(
        cells.map((row) => row.map((_, index) => index === row.length - 1)),
      );
      // Each cohort without its last cell, which is that of the running week.
      const expected = recounted.map((_, k) => {
        const complete = recounted.filter(({ weeks, size }) => size > 0 && k < weeks.length - 1);
        const of = complete.reduce((sum, { size }) => sum + size, 0);
        const people = complete.reduce((sum, { weeks }) => sum + (weeks[k] ?? 0), 0);
        return { share: of === 0 ? null : people / of, of };
      });
      expect(mean).toEqual(expected);
      expect(mean[0]).toEqual({ share: 1, of: expect.any(Number) });
    },
  );

  test(`${engine.name}: without prompts, or when the end is before the beginning, nobody is active`, async () => {
    const store = await useStore(engine);
    const none = { active: 0, prompts: 0, unattributed: 0 };
    expect(await store.activity({}, { step: 'day' })).toMatchObject({ periods: [], total: none });
    expect(await store.retention({}, {})).toMatchObject({ cohorts: [], mean: [] });
    await store.put([numbered(1)]);
    const backwards = { since: { at: 2e12 }, until: { at: 1.9e12 } };
    expect(await store.activity(backwards, { step: 'day' })).toMatchObject({ periods: [], total: none });
    // Periods in which nothing happened are there all the same.
    const later = Date.parse(numbered(1).timestamp) + 3 * DAY;
    const quiet = await store.activity({ since: { at: later }, until: { at: later + DAY } }, { step: 'day' });
    expect(quiet.periods.map(({ active, dormant }) => [active, dormant])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const empty = await store.retention({ since: { at: later }, until: { at: later + 8 * DAY } }, {});
    expect(empty.cohorts.map(({ size, weeks }) => [size, weeks])).toEqual([
      [0, [null, null]],
      [0, [null, null]],
    ]);
  });

  test(`${engine.name}: a time zone that does not exist is refused by answers about people`, async () => {
    const store = await useStore(engine);
    const refused = { name: 'BadQueryError' };
    await expect(store.activity({}, { step: 'day', timeZone: 'Mars/Base' })).rejects.toMatchObject(refused);
    await expect(store.retention({}, { timeZone: 'Mars/Base' })).rejects.toMatchObject(refused);
  });

  test(`${engine.name}: a person has the name of the record that was seen last and has one`, async () => {
    const store = await useStore(engine);
    const named = (id: number, userId: string, name?: NewRecord['properties'][string]): NewRecord => ({
      ...numbered(id),
      userId,
      properties: name === undefined ? {} : { user_name: name },
    });
    await store.put([
      named(3, 'ada', 'Ada King'),
      named(2, 'ada', 'Ada Byron'),
      named(4, 'ada', ''),
      named(5, 'ada'),
      named(6, 'bob', 7),
      named(7, 'cy'),
      named(8, 'anonymous', 'Nobody'),
    ]);
    const namesOf = async (query: RecordQuery) =>
      Object.fromEntries((await store.users(query, 9)).users.map(({ userId, name }) => [userId, name]));
    expect(await namesOf({})).toEqual({ ada: 'Ada King', bob: '7', cy: undefined, anonymous: undefined });
    expect(await namesOf({ ids: ['2', '5'] })).toEqual({ ada: 'Ada Byron' });
    // Of two at the same time, the one that arrived later.
    await store.put([{ ...named(9, 'ada', 'Countess'), timestamp: numbered(3).timestamp }]);
    expect(await namesOf({ users: ['ada'] })).toEqual({ ada: 'Countess' });
  });

  test(`${engine.name}: who is new is uncertain only if older records are gone`, async () => {
    const store = await useStore(engine, { maxRecords: 3 });
    await store.put([1, 2, 3].map((id) => numbered(id)));
    await store.remove({ ids: ['1'] });
    expect((await store.activity({}, { step: 'day' })).isUncertain).toBe(false);
    await store.put([4, 5].map((id) => numbered(id)));
    const isCut = engine.isBounded;
    expect((await store.activity({}, { step: 'day' })).isUncertain).toBe(isCut);
    expect((await store.retention({}, {})).isUncertain).toBe(isCut);
  });
}

/** Asks until no day has ended meanwhile. */
export async function inOnePeriod<T>(zone: string, ask: () => Promise<T>): Promise<T> {
  const today = (): string => new Date().toLocaleDateString('en-CA', { timeZone: zone });
  for (;;) {
    const before = today();
    const answer = await ask();
    if (before === today()) return answer;
  }
}

export async function useVisited(
  engine: Engine,
  season: { readonly from: number; readonly to: number },
): Promise<RecordStore> {
  const store = await useStore(engine);
  const records = visits(season);
  await store.put(records);
  // A repeated delivery changes nothing.
  await store.put(records.filter((_, index) => index % 3 === 0));
  return store;
}

/** Prompts of people who come, stay away for days or weeks, and come back; and all else that is in a store. */
function visits({ from, to }: { readonly from: number; readonly to: number }): NewRecord[] {
  const random = randomNumbers(from % 1_000_003);
  const organizations = ['acme', 'globex', 7, true, null, '', { id: 'nested' }] as const;
  const records: NewRecord[] = [];
  for (let person = 0; person < 24; person++) {
    let at = from + random() * (to - from) * 0.7;
    while (at < to) {
      const id = `${person}-${records.length}`;
      const received = new Date(at + 1000).toISOString();
      const isOdd = random() < 0.03;
      const organization = organizations[person % organizations.length];
      records.push({
        ...numbered(records.length),
        id,
        prompt: `q${person}`,
        userId: person % 8 === 7 ? 'anonymous' : `person ${person}`,
        tags: random() < 0.2 ? ['beta'] : [],
        timestamp: isOdd ? '1970-01-20T00:00:00.000Z' : new Date(at).toISOString(),
        receivedAt: received,
        properties: {
          ...(random() < 0.9 && organization !== undefined && { organization_id: organization }),
          ...(person % 3 > 0 && { 'plan "x"': person % 3 === 1 ? 'pro' : 'größer\n"1"' }),
        },
      });
      if (random() < 0.1) records.push(thumb(`${id}-thumb`, at));
      at += DAY * (random() < 0.6 ? random() * 2 : random() * 16);
    }
  }
  return records;
}

/** An event is no prompt, and makes nobody active. */
function thumb(id: string, at: number): NewRecord {
  const time = new Date(at + 2 * DAY).toISOString();
  return {
    kind: 'event',
    id,
    userId: `rater ${id}`,
    event: 'User feedback',
    timestamp: time,
    receivedAt: time,
    tags: ['beta'],
    properties: { score: 1, organization_id: 'acme' },
  };
}

type GivenActivity = Awaited<ReturnType<RecordStore['activity']>>;
type GivenRetention = Awaited<ReturnType<RecordStore['retention']>>;

export function expectActivity(given: GivenActivity, expected: ReturnType<typeof recountActivity>): void {
  const named = given.periods.map(({ at, end: _end, isRunning: _isRunning, ...counts }) => ({
    period: startOf(at, given.timeZone, given.step),
    ...counts,
  }));
  expect(named).toEqual(expected.periods);
  const sum = (name: 'prompts' | 'unattributed') =>
    expected.periods.reduce((all, period) => all + period[name], 0);
  expect(given.total).toEqual({
    active: expected.active,
    prompts: sum('prompts'),
    unattributed: sum('unattributed'),
  });
  for (const { active, new: fresh, returning, resurrected } of given.periods)
    expect(fresh + returning + resurrected).toBe(active);
  for (const [index, { end }] of given.periods.entries())
    expect(given.periods[index + 1]?.at ?? end).toBe(end);
}

export function expectRetention(
  given: Pick<GivenRetention, 'cohorts' | 'timeZone'>,
  expected: ReturnType<typeof recountRetention>,
): void {
  expect(
    given.cohorts.map(({ at, size, weeks }) => ({
      period: startOf(at, given.timeZone, 'week'),
      size,
      weeks: weeks.map((cell) => cell?.people ?? null),
    })),
  ).toEqual(
    expected.map(({ period, size, weeks }, index) => ({
      period,
      size,
      weeks: [
        ...weeks.map((people) => (size === 0 ? null : people)),
        ...Array.from({ length: index }, () => null),
      ],
    })),
  );
  const shares = given.cohorts.map(({ weeks }) => weeks.map((cell) => cell?.share ?? null));
  expect(shares).toEqual(
    given.cohorts.map(({ size, weeks }) => weeks.map((cell) => (cell ? cell.people / size : null))),
  );
}

/** Returns the day on which a period begins, which it does at midnight. */
function startOf(at: number, timeZone: string, step: Recount['step']): string {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hourCycle: 'h23',
  });
  const [day = '', time] = clock.format(at).split(', ');
  expect([time, day]).toEqual(['00:00:00', periodOf(day, step)]);
  return day;
}
