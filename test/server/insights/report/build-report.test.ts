import { expect, test } from 'vitest';
import { intervalText } from '../../../../src/server/insights/report/build-report.js';

const at = (iso: string): number => Date.parse(iso);

test.each([
  ['2025-11-02T18:15:00Z', '2025-11-03T18:15:00Z', 'Asia/Kathmandu', '3 Nov 2025'],
  ['2025-10-25T22:00:00Z', '2025-10-26T23:00:00Z', 'Europe/Berlin', '26 Oct 2025'],
  // Midnight is skipped there: the day begins at one.
  ['2025-09-07T04:00:00Z', '2025-09-08T03:00:00Z', 'America/Santiago', '7 Sept 2025'],
  ['2025-09-06T04:00:00Z', '2025-09-07T04:00:00Z', 'America/Santiago', '6 Sept 2025'],
  ['2025-11-01T00:00:00Z', '2025-11-08T00:00:00Z', 'UTC', '1 Nov 2025 – 7 Nov 2025'],
  ['2025-11-01T06:00:00Z', '2025-11-01T12:00:00Z', 'UTC', '1 Nov 2025, 06:00 – 1 Nov 2025, 12:00'],
])('the time from %s to %s is in %s: %s', (from, to, zone, text) => {
  expect(intervalText({ from: at(from), to: at(to) }, zone)).toBe(text);
});
