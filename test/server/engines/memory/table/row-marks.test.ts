import { expect, test } from 'vitest';
import { RowMarks } from '../../../../../src/server/engines/memory/table/row-marks.js';
import type { StoredRecord } from '../../../../../src/server/model/stored-record.js';

const record = (userId: string) => ({ userId }) as StoredRecord;
const isAda = ({ userId }: StoredRecord): boolean => userId === 'ada';
const rowsOf = (marks: RowMarks, key = 'q'): number[] =>
  [...(marks.get(key) ?? [])].flatMap((mark, row) => (mark > 0 ? [row] : []));

test('records that arrive are marked, also beyond the end and over an earlier version', () => {
  const marks = new RowMarks();
  marks.keep('q', Uint8Array.from([0, 1]), isAda);
  marks.update(5, record('ada'));
  marks.update(6, record('bob'));
  marks.update(9, record('bob'));
  expect(rowsOf(marks)).toEqual([1, 5]);
  marks.update(1, record('bob'));
  marks.update(40, record('ada'));
  expect(rowsOf(marks)).toEqual([5, 40]);
});

test('marks move when the first rows are removed, and no old ones stay at the end', () => {
  const marks = new RowMarks();
  marks.keep('q', Uint8Array.from([0, 1, 0, 1, 1]), isAda);
  marks.shift(2);
  expect(rowsOf(marks)).toEqual([1, 2]);
  marks.shift(10);
  expect(rowsOf(marks)).toEqual([]);
});

test('the marks of eight queries are kept, those that were asked for last', () => {
  const marks = new RowMarks();
  for (let at = 0; at < 8; at += 1) marks.keep(`q${at}`, new Uint8Array(1), isAda);
  marks.get('q0');
  marks.keep('new', new Uint8Array(1), isAda);
  expect([marks.get('q0'), marks.get('q1'), marks.get('q2')].map((rows) => rows !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
  marks.clear();
  expect(marks.get('q0')).toBeUndefined();
});
