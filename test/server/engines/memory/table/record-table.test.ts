import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordTable } from '../../../../../src/server/engines/memory/table/record-table.js';
import type { StoredRecord } from '../../../../../src/server/index.js';
import { numbered } from '../../stored.js';

function record(seq: number): StoredRecord {
  return { ...numbered(seq), seq };
}

test('a table of the latest three records has three rows, however many there were', () => {
  const table = new RecordTable();
  for (let seq = 1; seq <= 10_000; seq++) {
    table.set(record(seq));
    if (seq > 3) table.remove(table.rowOf(seq - 3));
  }
  expect([table.end - table.first, table.count, table.firstSeq]).toEqual([3, 3, 9998]);
});

test('whatever is set and removed, each row has the user of its record, and unused names are given up', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(30)), { maxLength: 200 }), (steps) => {
      const table = new RecordTable();
      let next = 1;
      const kept = new Set<number>();
      for (const [isNew, number] of steps) {
        const seq = isNew ? next++ : number;
        if (isNew) table.set(record(seq));
        if (isNew) kept.add(seq);
        if (!isNew && kept.delete(seq)) table.remove(table.rowOf(seq));
      }
      const userOf = (seq: number): string => `user-${seq % 3}`;
      const seqs = [...kept];
      const rows = seqs.map((seq) => table.rowOf(seq));
      expect(rows.map((row) => table.users.nameOf(table.user[row] ?? 0))).toEqual(seqs.map(userOf));
      expect(rows.map((row) => table.record(row)?.seq)).toEqual(seqs);
      for (const user of ['user-0', 'user-1', 'user-2'])
        expect(table.users.find(user) !== undefined).toBe(seqs.map(userOf).includes(user));
      expect(table.count).toBe(kept.size);
    }),
    { numRuns: 300 },
  );
});
