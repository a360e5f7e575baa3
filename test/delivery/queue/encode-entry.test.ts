import { expect, test } from 'vitest';
import { encodeEntry } from '../../../src/delivery/queue/encode-entry.js';
import type { Destination } from '../../../src/destinations/destination.js';
import { eventEntry, promptEntry } from '../../support/entries.js';

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
