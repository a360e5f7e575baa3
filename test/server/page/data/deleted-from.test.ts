import { expect, test } from 'vitest';
import type { StoreUsage } from '../../../../src/server/engines/record-store.js';
import { deletedFrom } from '../../../../src/server/page/data/deleted-from.js';

const usage: StoreUsage = { records: 1, bytes: 0, evicted: 0, refused: 0 };

test('a deletion names the file or the database that it is from, and no memory where there is none', () => {
  expect(deletedFrom({ ...usage, maxRecords: 100, file: 'prompts.jsonl' })).toContain(
    'in the file prompts.jsonl',
  );
  expect(deletedFrom({ ...usage, maxRecords: 100 })).toContain('in memory only');
  expect(deletedFrom(usage)).toContain('in the database, for everybody');
  expect(deletedFrom(undefined)).toBe('They are deleted for good');
});
