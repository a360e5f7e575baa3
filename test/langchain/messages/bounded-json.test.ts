import { expect, test } from 'vitest';
import { toJson, toShortJson } from '../../../src/langchain/messages/bounded-json.js';

const DATE = new Date('2026-11-30T00:00:00Z');
const withId = { toJSON: () => '507f1f77bcf86cd799439011' };
const cyclic: Record<string, unknown> = { at: DATE };
cyclic['self'] = cyclic;

test.each<[string, object]>([
  ['a BigInt', { big: 10n }],
  ['a cycle', { cyclic }],
  ['a toJSON() that throws', { broken: { toJSON: () => cyclic['missing'] ?? JSON.parse('{') } }],
])('beside %s, dates, URLs and ids keep the text that JSON has of them', (_title, odd) => {
  const plain = { at: DATE, url: new URL('https://example.com/a'), ids: [withId], none: new Date(NaN) };
  const json = JSON.parse(toJson({ ...plain, ...odd })) as object;
  expect(json).toMatchObject(JSON.parse(JSON.stringify(plain)) as object);
});

test('dates keep their text where a value is too long', () => {
  expect(toShortJson({ at: DATE, text: 'x'.repeat(1_000) }, 100)).toContain(
    '"at":"2026-11-30T00:00:00.000Z"',
  );
});

test('a toJSON() without end is cut', () => {
  const endless = (): object => ({ toJSON: endless });
  const self = { toJSON: (): unknown => self };
  expect(toJson({ big: 1n, endless: endless(), self })).toBe(
    '{"big":"1","endless":"[too deep]","self":"[circular]"}',
  );
});
