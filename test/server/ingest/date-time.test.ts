import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDateTime } from '../../../src/server/ingest/ingestion/date-time.js';

const FIRST = Date.parse('0001-01-01T00:00:00Z');
const LAST = Date.parse('9999-12-31T23:59:59.999Z');
const times = fc.integer({ min: FIRST, max: LAST });

test('a time is the same however JavaScript and Python write it', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: 0, max: 999 }), (ms, micros) => {
      const iso = new Date(ms).toISOString();
      const digits = String(micros).padStart(3, '0');
      const wall = iso.slice(0, -1);
      for (const text of [iso, `${wall}+00:00`, `${wall}${digits}Z`, `${wall}${digits}+00:00`, wall])
        expect(readDateTime(text)).toBe(iso);
      for (const text of [`${iso.slice(0, 19)}Z`, `${iso.slice(0, 19)}+00:00`, iso.slice(0, 19)])
        expect(readDateTime(text)).toBe(`${iso.slice(0, 19)}.000Z`);
    }),
  );
});

test('each day of the calendar is accepted, and no other', () => {
  for (const year of ['1900', '2000', '2023', '2024', '0004'])
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const [mm, dd] = [month, day].map((part) => String(part).padStart(2, '0'));
        const text = `${year}-${mm}-${dd}T12:34:56.789Z`;
        const date = new Date(text);
        const isReal = !Number.isNaN(date.getTime()) && date.toISOString() === text;
        expect([text, readDateTime(text)]).toEqual([text, isReal ? text : undefined]);
      }
});

test('a zone moves the time to UTC', () => {
  fc.assert(
    fc.property(times, fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 }), (ms, minutes) => {
      const wall = new Date(ms).toISOString().slice(0, -1);
      const [hh, mm] = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map((part) =>
        String(part).padStart(2, '0'),
      );
      const utc = Math.max(FIRST, Math.min(ms - minutes * 60_000, LAST));
      const sign = minutes < 0 ? '-' : '+';
      for (const zone of [`${sign}${hh}:${mm}`, `${sign}${hh}${mm}`])
        expect(readDateTime(wall + zone)).toBe(new Date(utc).toISOString());
    }),
  );
});

test.each([
  '2026-01-02T03:04:05+24:00',
  '2026-01-02T03:04:05-99:00',
  '2026-01-02T03:04:05+01:60',
  '0000-06-01T00:00:00Z',
  '2026-01-02T23:59:60Z',
  '2026-01-02T3:04:05Z',
  '2026-1-2',
  '+002026-01-02T03:04:05.678Z',
  '２０２６-01-02',
  '2026-01-02T03:04:05Z\n2026',
  '',
  ' ',
  'now',
  true,
  null,
  {},
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1e15,
])('%j is no time', (value) => {
  expect(readDateTime(value)).toBeUndefined();
});
