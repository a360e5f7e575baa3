import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEntry, utf8Length } from '../../../src/delivery/queue/encode-entry.js';
import type { Destination } from '../../../src/destinations/destination.js';
import { eventEntry, promptEntry } from '../../support/entries.js';

test('utf8Length agrees with TextEncoder for texts that are longer than its scratch space', () => {
  for (const unit of ['x', 'é', '漢', '😀', '\ud800', 'ab😀']) {
    for (const length of [5_000, 16_383, 16_384, 50_001]) {
      const text = unit.repeat(length);
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }
  }
});

test('utf8Length agrees with TextEncoder for every text, lone surrogates included', () => {
  const anyUnits = fc
    .array(fc.integer({ min: 0, max: 0xffff }))
    .map((units) => String.fromCharCode(...units));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), anyUnits), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});

/** Encodes an event, with at most nine bytes, at a destination whose `encode` does this. */
const encode = (encoder: () => unknown, entry = eventEntry('id')) =>
  encodeEntry({ encode: encoder, send: () => undefined, name: 'shop' } as unknown as Destination, entry, 9);

test('an entry is measured in bytes and may have as many as allowed', () => {
  expect(encode(() => '"é12345"')).toEqual({ sendable: true, kind: 'event', json: '"é12345"', bytes: 9 });
  expect(encode(() => '{}', promptEntry('id'))).toMatchObject({ sendable: true, kind: 'prompt' });
  expect(encode(() => '"é123456"')).toEqual({
    sendable: false,
    kind: 'event',
    dropReason: 'too_large',
    json: '"é123456"',
    bytes: 10,
  });
});

test.each<[string, () => unknown, string]>([
  ['returns nothing', () => undefined, 'unsupported'],
  ['returns an empty text', () => '', 'serialization_failed'],
  ['returns no text', () => ({}), 'serialization_failed'],
  ['rejects', () => Promise.reject(new Error('no')), 'serialization_failed'],
  [
    'throws',
    () => {
      throw new Error('no');
    },
    'serialization_failed',
  ],
])('an entry is not sent if encode %s', (_how, encoder, dropReason) => {
  expect(encode(encoder)).toEqual({ sendable: false, kind: 'event', dropReason, json: undefined, bytes: 0 });
});

test('an entry of the application whose getters throw is taken for a prompt', () => {
  const hostile = Object.defineProperty({}, 'kind', {
    get: () => {
      throw new Error('hostile getter');
    },
  });
  expect(encode(() => '{}', hostile as never).kind).toBe('prompt');
});
