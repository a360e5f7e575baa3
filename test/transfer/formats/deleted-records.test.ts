import { expect, test } from 'vitest';
import { hashOf } from '../../../src/server/engines/tombstones.js';
import { recordKey } from '../../../src/server/model/privacy/erasure-keys.js';
import type { NewRecord } from '../../../src/server/model/stored-record.js';
import { DeletedRecords } from '../../../src/transfer/formats/deleted-records.js';

function event(id: string, properties: NewRecord['properties'] = {}): NewRecord {
  return {
    kind: 'event',
    event: 'e',
    id,
    userId: 'u',
    timestamp: '2026-03-01T00:00:00.000Z',
    receivedAt: '2026-03-01T00:00:00.000Z',
    tags: [],
    properties,
  };
}

test('a line deletes what stands before it, and not what comes after it under the same id', () => {
  const deleted = new DeletedRecords();
  deleted.note({ removed: ['a', 'b'] }, 10);
  deleted.note({ removed: ['a'] }, 20);
  expect([5, 15, 19, 20, 25].map((line) => deleted.reasonAt(event('a'), line))).toEqual([
    'deleted',
    'deleted',
    'deleted',
    undefined,
    undefined,
  ]);
  expect([5, 15].map((line) => deleted.reasonAt(event('b'), line))).toEqual(['deleted', undefined]);
  expect(deleted.reasonAt(event('c'), 1)).toBeUndefined();
});

test('what was erased does not come back, wherever it stands, and neither does feedback on it', () => {
  const deleted = new DeletedRecords();
  deleted.note({ erased: { ids: ['b'], hashes: [hashOf(recordKey('a'))], at: 1 } }, 10);
  expect(deleted.reasonAt(event('a'), 5)).toBe('erased');
  expect(deleted.reasonAt(event('a'), 50)).toBe('erased');
  expect(deleted.reasonAt(event('f', { record_id: 'a' }), 50)).toBe('erased');
  expect(deleted.reasonAt(event('b'), 5)).toBe('deleted');
  expect(deleted.reasonAt(event('c'), 5)).toBeUndefined();
});

test.each([null, 7, [], {}, { removed: 7 }, { erased: [] }, { erased: { ids: [1], hashes: null } }])(
  'a line about something else deletes nothing: %j',
  (line) => {
    const deleted = new DeletedRecords();
    deleted.note(line, 10);
    expect(deleted.reasonAt(event('a'), 1)).toBeUndefined();
  },
);
