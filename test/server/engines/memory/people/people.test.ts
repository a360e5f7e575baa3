import { expect, test } from 'vitest';
import { MemoryStore, type NewRecord } from '../../../../../src/server/index.js';
import { event, numbered } from '../../stored.js';

/** A Monday. */
const START = Date.UTC(2026, 0, 5);
const DAY = 86_400_000;

type Calendar = Readonly<Record<string, string>>;

/** Prompts by person: a character for each day, `.` for one without. A digit is the number of prompts. */
async function storeOf(
  calendar: Calendar,
  team?: (person: string) => string | undefined,
): Promise<MemoryStore> {
  const records: NewRecord[] = [];
  for (const [person, days] of Object.entries(calendar))
    for (const [day, mark] of Array.from(days.replaceAll(' ', '')).entries())
      for (let count = 0; count < (mark === '.' ? 0 : Number(mark)); count += 1) {
        const timestamp = new Date(START + day * DAY + (count + 1) * 1000).toISOString();
        const of = team?.(person);
        records.push({
          ...numbered(1),
          id: `${person} ${day} ${count}`,
          userId: person,
          timestamp,
          receivedAt: timestamp,
          properties: of === undefined ? {} : { team: of },
        });
      }
  const store = new MemoryStore();
  // The first ones in the midst: when they arrive says nothing.
  const isLast = (_: NewRecord, at: number): boolean => at % 2 === 0;
  await store.put([...records.filter(isLast).toReversed(), ...records.filter((one, at) => !isLast(one, at))]);
  return store;
}

const range = (from: number, days: number) => ({
  since: { at: START + from * DAY },
  until: { at: START + (from + days) * DAY - 1 },
});

type Count = 'active' | 'new' | 'returning' | 'resurrected' | 'dormant' | 'prompts' | 'unattributed';

async function daysOf(store: MemoryStore, count: Count, from: number, days: number): Promise<string> {
  const { periods } = await store.activity(range(from, days), { step: 'day', limit: 400 });
  return periods.map((period) => period[count]).join('');
}

const CALENDAR = {
  //    before | shown
  ada: '1..1   11..1.',
  bob: '...2   ..1...',
  cy: ' ....   ..3.1.',
  dee: '1...   ......',
  anonymous: '...1 .2....',
} satisfies Calendar;

test('people of a day are new, returning or resurrected, and dormant on the day after', async () => {
  const store = await storeOf(CALENDAR);
  const shown = (count: Count) => daysOf(store, count, 4, 6);
  expect(await shown('active')).toBe('112020');
  expect(await shown('new')).toBe('001000');
  expect(await shown('returning')).toBe('110000');
  expect(await shown('resurrected')).toBe('001020');
  expect(await shown('dormant')).toBe('101202');
  expect(await shown('prompts')).toBe('134020');
  expect(await shown('unattributed')).toBe('020000');
  const { total, isUncertain } = await store.activity(range(4, 6), { step: 'day' });
  expect([total, isUncertain]).toEqual([{ active: 3, prompts: 10, unattributed: 2 }, false]);
});

test('a period before the first prompt of all is empty, and one counts alone if only one is asked for', async () => {
  const store = await storeOf(CALENDAR);
  expect(await daysOf(store, 'new', -2, 4)).toBe('0020');
  expect(await daysOf(store, 'dormant', -2, 4)).toBe('0002');
  const latest = await store.activity(range(0, 5), { step: 'day', limit: 1 });
  expect(latest.periods).toMatchObject([{ at: START + 4 * DAY, active: 1, returning: 1, dormant: 1 }]);
  expect(latest.total).toEqual({ active: 1, prompts: 1, unattributed: 0 });
});

test('without a time, periods begin with the first prompt, wherever it is in the store', async () => {
  const store = await storeOf({ ada: '..1..1', bob: '....1.' });
  const { periods } = await store.activity({ until: { at: START + 6 * DAY } }, { step: 'day' });
  expect(periods.map(({ at, active }) => [(at - START) / DAY, active])).toEqual([
    [2, 1],
    [3, 0],
    [4, 1],
    [5, 1],
    [6, 0],
  ]);
  expect(await new MemoryStore().activity({}, { step: 'day' })).toMatchObject({ periods: [] });
});

test('seventy days of three people are the days that are drawn', async () => {
  const draw = (every: number): string =>
    Array.from({ length: 70 }, (_, day) => (day % every === 0 ? '1' : '.')).join('');
  const store = await storeOf({ a: draw(2), b: draw(3), c: draw(31) });
  const expected = Array.from({ length: 70 }, (_, day) => [2, 3, 31].filter((n) => day % n === 0).length);
  expect(await daysOf(store, 'active', 0, 70)).toBe(expected.join(''));
  // One who asks every second day is dormant on the others.
  const wasHere = expected.map(
    (_, day) => [2, 3, 31].filter((n) => day > 0 && (day - 1) % n === 0 && day % n !== 0).length,
  );
  expect(await daysOf(store, 'dormant', 0, 70)).toBe(wasHere.join(''));
});

test('who is active outside of the days that are shown is nobody within them', async () => {
  const outside = `1${'.'.repeat(40)}1`;
  const store = await storeOf({ ada: outside, bob: outside, cy: outside });
  // With the day before, 32 days.
  expect(await daysOf(store, 'active', 5, 31)).toBe('0'.repeat(31));
  expect(await daysOf(store, 'dormant', 5, 31)).toBe('0'.repeat(31));
});

test('groups of people are counted like people, and those without one as nobody', async () => {
  const teams: Readonly<Record<string, string>> = { ada: 'red', bob: 'red', cy: 'blue', anonymous: 'blue' };
  const store = await storeOf(CALENDAR, (person) => teams[person]);
  const { periods, total } = await store.activity(range(3, 7), { by: { property: 'team' }, step: 'day' });
  expect(periods.map(({ active }) => active).join('')).toBe('2122020');
  expect(periods.map((period) => period.new).join('')).toBe('1000000');
  expect(total).toEqual({ active: 2, prompts: 14, unattributed: 0 });
  const all = await store.activity(range(0, 4), { by: { property: 'team' }, step: 'day' });
  expect(all.periods.map(({ unattributed }) => unattributed).join('')).toBe('1000');
});

test('only prompts make somebody active', async () => {
  const store = await storeOf({ ada: '1.....' });
  const at = new Date(START + 4 * DAY).toISOString();
  await store.put([{ ...event('e', 'Clicked'), userId: 'ada', timestamp: at, receivedAt: at }]);
  expect(await daysOf(store, 'active', 0, 6)).toBe('100000');
  expect(await daysOf(store, 'prompts', 0, 6)).toBe('100000');
  expect((await store.retention(range(0, 14), {})).cohorts.map(({ size }) => size)).toEqual([1, 0]);
});

/** A character for each week. */
const weekly = (weeks: string): string => Array.from(weeks, (mark) => `${mark}......`).join('');

async function cohortsOf(store: MemoryStore, weeks: number, mode: 'in' | 'in-or-after', limit = 20) {
  const { cohorts } = await store.retention(range(0, 7 * weeks), { mode, limit });
  return cohorts.map(({ size, weeks: cells }) => [size, cells.map((cell) => cell?.people ?? '-').join('')]);
}

test('members of a cohort are counted in each week after their first one', async () => {
  const store = await storeOf({
    a: weekly('1.11.'),
    b: weekly('11...'),
    c: weekly('2...1'),
    d: weekly('.1.1.'),
    anonymous: weekly('11111'),
  });
  expect(await cohortsOf(store, 5, 'in')).toEqual([
    [3, '31111'],
    [1, '1010-'],
    [0, '-----'],
    [0, '-----'],
    [0, '-----'],
  ]);
  expect(await cohortsOf(store, 5, 'in-or-after')).toEqual([
    [3, '33221'],
    [1, '1110-'],
    [0, '-----'],
    [0, '-----'],
    [0, '-----'],
  ]);
  // The members of earlier weeks belong to none of the latest two.
  expect(await cohortsOf(store, 5, 'in', 2)).toEqual([
    [0, '--'],
    [0, '--'],
  ]);
  const later = await store.retention(range(7, 28), {});
  expect(later.cohorts.map(({ size }) => size)).toEqual([1, 0, 0, 0]);
});
