import { expect, test } from 'vitest';
import { toJsonValue } from '../../../src/records/text/json-value.js';

test('dates, URLs and ids are the text that JSON has of them, and an invalid date is left out', () => {
  const id = { buffer: new Uint8Array(12), toJSON: () => '507f1f77bcf86cd799439011' };
  const at = new Date('2026-11-30T00:00:00Z');
  expect(
    toJsonValue({ at, url: new URL('https://example.com/a'), ids: [id], none: new Date(NaN), big: 10n }),
  ).toEqual({
    at: '2026-11-30T00:00:00.000Z',
    url: 'https://example.com/a',
    ids: ['507f1f77bcf86cd799439011'],
    big: '10',
  });
});

test('a toJSON() that throws, or has no end, leaves out its value alone', () => {
  const endless = (): object => ({ toJSON: endless });
  const self = { toJSON: (): unknown => self };
  const broken = { toJSON: (): unknown => JSON.parse('{') };
  expect(toJsonValue({ endless: endless(), self, broken, kept: 1 })).toEqual({ kept: 1 });
});
