import { expect, test } from 'vitest';
import { readQuery } from '../../../src/server/audience/read-query.js';
import { TIME_ZONE_SETTING } from '../../../src/server/model/time-zone.js';
import type { Engine } from './engine.js';
import { idsOf, numbered, useStore } from './stored.js';

/** Days with 23 and 25 hours, and what is in them, by the first and last millisecond. */
const DAYS = [
  { zone: undefined, day: '2026-10-25', from: '2026-10-25T00:00:00.000Z', to: '2026-10-25T23:59:59.999Z' },
  {
    zone: 'Europe/Berlin',
    day: '2026-10-25',
    from: '2026-10-24T22:00:00.000Z',
    to: '2026-10-25T22:59:59.999Z',
  },
  {
    zone: 'Europe/Berlin',
    day: '2026-03-29',
    from: '2026-03-28T23:00:00.000Z',
    to: '2026-03-29T21:59:59.999Z',
  },
  {
    zone: 'Asia/Kathmandu',
    day: '2026-11-03',
    from: '2026-11-02T18:15:00.000Z',
    to: '2026-11-03T18:14:59.999Z',
  },
] as const;

/** Holds an engine to days of the project: in a filter of a URL, and in segments, topics and the rule of internal traffic. */
export function checkDays(engine: Engine): void {
  test(`${engine.name}: a filter that names a day has the records of that day in the project's time zone, and no others`, async () => {
    const store = await useStore(engine);
    const names = ['before', 'first', 'last', 'after'];
    for (const { zone = 'UTC', day, from, to } of DAYS) {
      const [start, end] = [Date.parse(from), Date.parse(to)];
      const times = [start - 1, start, end, end + 1].map((time) => new Date(time).toISOString());
      await store.put(
        times.map((timestamp, at) => ({
          ...numbered(at),
          id: `${zone} ${day} ${names[at]}`,
          userId: `${zone} ${day} ${names[at]}`,
          tags: [`${zone} ${day}`],
          timestamp,
        })),
      );
    }
    for (const { zone = 'UTC', day } of DAYS) {
      if (zone !== 'UTC') await store.documents.put({ ...TIME_ZONE_SETTING, value: { timeZone: zone } });
      const tag = `${zone} ${day}`;
      const filter = `since=${day}&until=${day}`;
      await store.documents.put({ kind: 'segment', name: 'day', value: { filters: [filter] } });
      await store.documents.put({ kind: 'topic', name: 'day', value: { name: 'Day', filters: [filter] } });
      await store.documents.put({ kind: 'setting', name: 'internal-traffic', value: { filters: [filter] } });
      const found = async (filters: Record<string, string>): Promise<string[]> => {
        const params = new URLSearchParams({ internal: 'show', tag, ...filters });
        return (await idsOf(store, await readQuery(params, store.documents))).toSorted();
      };
      const own = [`${tag} first`, `${tag} last`];
      expect(await found({ since: day, until: day })).toEqual(own);
      expect(await found({ segment: 'day' })).toEqual(own);
      expect(await found({ topic: 'day' })).toEqual(own);
      expect(await found({ internal: 'only' })).toEqual(own);
      expect(await found({ until: day })).toEqual([`${tag} before`, ...own]);
      expect(await found({ since: day })).toEqual([`${tag} after`, ...own]);
    }
  });
}
