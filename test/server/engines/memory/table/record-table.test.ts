import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordTable } from '../../../../../src/server/engines/memory/table/record-table.js';
import type { StoredRecord } from '../../../../../src/server/index.js';
import { event, numbered } from '../../stored.js';

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

test('whatever is set, replaced and removed, a property that was asked for once has the text of each row', () => {
  const withPlan = (seq: number, plan: unknown): StoredRecord => ({
    ...record(seq),
    properties: {
      ...(plan !== undefined && { plan: plan as string }),
      nested: seq % 7 === 0 ? { plan: 'inner' } : 1,
    },
  });
  const plans = fc.constantFrom('free', 'Größe "x"', '', null, undefined, 7, true, ['a']);
  const step = fc.record({
    kind: fc.constantFrom('set', 'replace', 'remove', 'ask'),
    seq: fc.nat(40),
    plan: plans,
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const table = new RecordTable();
      const kept = new Map<number, unknown>();
      let next = 1;
      for (const { kind, seq, plan } of steps) {
        if (kind === 'ask') table.property('plan');
        const at = kind === 'set' ? next++ : seq;
        if (kind === 'set' || (kind === 'replace' && kept.has(at))) {
          table.set(withPlan(at, plan));
          kept.set(at, plan);
        }
        if (kind === 'remove' && kept.delete(at)) table.remove(table.rowOf(at));
      }
      const { ids, texts } = table.property('plan');
      const given = [...kept.keys()].map((seq) => texts[ids[table.rowOf(seq)] ?? 0]);
      const textOf = (plan: unknown): string =>
        Array.isArray(plan) ? '["a"]' : `${(plan ?? '') as string | number | boolean}`;
      expect(given).toEqual([...kept.values()].map(textOf));
    }),
    { numRuns: 300 },
  );
});

test('a property that was asked for stays with its rows when the table closes up, and forgets the texts of old ones', () => {
  const table = new RecordTable();
  for (let seq = 1; seq <= 40_000; seq++) {
    table.set({ ...record(seq), properties: { id: `text ${seq}` } });
    if (seq === 5) table.property('id');
    if (seq > 3) table.remove(table.rowOf(seq - 3));
  }
  const { ids, texts } = table.property('id');
  expect([39_998, 39_999, 40_000].map((seq) => texts[ids[table.rowOf(seq)] ?? 0])).toEqual([
    'text 39998',
    'text 39999',
    'text 40000',
  ]);
  expect(texts.length).toBeLessThan(10);
  table.restart(50_000);
  table.set({ ...record(50_000), properties: {} });
  expect(table.property('id').ids[table.rowOf(50_000)] ?? 0).toBe(0);
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

test('records are made searchable one by one, those that were removed or replaced meanwhile once or not at all', () => {
  const table = new RecordTable();
  const find = (text: string): number[] => {
    const rows: number[] = [];
    table.findText(text, (row) => rows.push(row));
    return rows;
  };
  for (let seq = 1; seq <= 6; seq++) table.set(record(seq));
  table.set(record(2));
  table.remove(table.rowOf(4));
  let steps = 0;
  expect(table.fold(() => ++steps > 3)).toBe(false);
  table.remove(table.rowOf(1));
  table.set({ ...numbered(3), seq: 3, prompt: 'Another' });
  expect(table.fold()).toBe(true);
  expect(find('p')).toEqual([2, 5, 6].map((seq) => table.rowOf(seq)));
  expect(find('another')).toEqual([table.rowOf(3)]);
  table.set(record(7));
  table.restart(8);
  table.set(record(8));
  expect(find('p')).toEqual([table.rowOf(8)]);
});

test('records that are put and removed again without a search do not leave a list that grows', () => {
  const table = new RecordTable();
  let most = 0;
  for (let seq = 1; seq <= 25_000; seq++) {
    table.set(record(seq));
    if (seq > 3) table.remove(table.rowOf(seq - 3));
    most = Math.max(most, table.unfolded);
  }
  expect(most).toBeLessThan(10_010);
});

test('each record has its own tags, whatever those before it had', () => {
  const table = new RecordTable();
  const given = [['a', 'b'], ['a'], ['a', 'b'], ['a', 'b', 'c'], [], ['b'], ['b']];
  for (const [at, tags] of given.entries()) table.set({ ...record(at + 1), tags });
  expect(given.map((_, row) => table.tagLists.nameOf(table.tagList[row] ?? 0))).toEqual(
    given.map((tags) => (tags.length === 0 ? '' : JSON.stringify(tags))),
  );
});

test('a prompt in the place of an event is no event, and no feedback', () => {
  const table = new RecordTable();
  const properties = { record_id: '7', score: 1, turn_id: '7' };
  table.set({ ...event('1', 'User feedback', properties), seq: 1 });
  const columns = (): number[] =>
    [table.event, table.target, table.feedback, table.isCall].map((column) => column[0] ?? 0);
  expect(columns().every((value) => value > 0)).toBe(true);
  table.set(record(1));
  expect(columns()).toEqual([0, 0, 0, 0]);
});
