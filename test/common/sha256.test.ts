import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256, sha256 } from '../../src/common/sha256.js';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 300 }));

test('the hash of any text is the one of node:crypto, also where the padding takes another block', () => {
  const check = (one: string): void => {
    expect(sha256(one)).toBe(createHash('sha256').update(one).digest('hex'));
  };
  for (let length = 0; length <= 130; length += 1) check('a'.repeat(length));
  check('å'.repeat(100_000));
  fc.assert(fc.property(text, check));
});

test('the keyed hash of any text is the one of node:crypto, also with keys longer than a block', () => {
  const check = (key: string, one: string): void => {
    expect(hmacSha256(key, one)).toBe(createHmac('sha256', key).update(one).digest('hex'));
  };
  for (const length of [0, 1, 63, 64, 65, 200]) check('k'.repeat(length), 'ada');
  fc.assert(fc.property(text, text, check));
});
