import fc from 'fast-check';
import { expect, test } from 'vitest';
import { selectRows } from '../../../../src/server/engines/memory/select-rows.js';
import { RecordTable } from '../../../../src/server/engines/memory/table/record-table.js';
import { createMatcher } from '../../../../src/server/query/match-query.js';
import type { RecordQuery } from '../../../../src/server/query/record-query.js';
import { numbered } from '../stored.js';

const QUERIES: readonly RecordQuery[] = ['test', 'ci', 'true', '1'].map((value) => ({
  not: [
    { properties: [{ name: 'environment', values: [value] }] },
    { properties: [{ name: 'internal', values: ['true'] }], kinds: ['prompt'] },
  ],
}));

test('queries that exclude properties are answered alike at any time, whatever is put, replaced and removed meanwhile', () => {
  const step = fc.record({
    kind: fc.constantFrom('put', 'put', 'put', 'replace', 'remove first', 'ask', 'restart'),
    number: fc.nat(40),
    environment: fc.constantFrom('test', 'ci', 'prod', true, 1),
    internal: fc.constantFrom(true, false, 'true', { nested: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const table = new RecordTable();
      let next = 1;
      const write = (seq: number, properties: Parameters<typeof record>[1]) =>
        table.set(record(seq, properties));
      for (const { kind, number, environment, internal } of steps) {
        const query = QUERIES[number % QUERIES.length] ?? {};
        if (kind === 'put') write(next++, { environment, internal });
        if (kind === 'replace' && table.has(table.rowOf(number))) write(number, { environment, internal });
        if (kind === 'remove first' && table.count > 0) table.remove(table.first);
        if (kind === 'restart' && number < 3) table.restart(next);
        if (kind === 'ask') expectAnswer(table, query);
      }
      for (const query of QUERIES) expectAnswer(table, query);
    }),
  );
});

test('what a query excludes is known after rows at the front were closed up', () => {
  const table = new RecordTable();
  const [query = {}] = QUERIES;
  for (let seq = 1; seq <= 9000; seq++) {
    table.set(record(seq, { environment: seq % 3 === 0 ? 'test' : 'prod' }));
    if (seq === 100) expectAnswer(table, query);
  }
  while (table.count > 2000) table.remove(table.first);
  expect(table.first).toBeLessThan(5000);
  expectAnswer(table, query);
  for (let seq = 9001; seq <= 9050; seq++)
    table.set(record(seq, { environment: seq % 2 === 0 ? 'test' : 'ci' }));
  expectAnswer(table, query);
});

function record(seq: number, properties: object) {
  return { ...numbered(seq), seq, properties } as never;
}

function expectAnswer(table: RecordTable, query: RecordQuery): void {
  const matches = createMatcher(query, 0);
  const expected: number[] = [];
  for (let row = table.first; row < table.end; row++) {
    const stored = table.record(row);
    if (stored && matches(stored)) expected.push(row);
  }
  expect([...selectRows(table, query, 0)]).toEqual(expected);
}
