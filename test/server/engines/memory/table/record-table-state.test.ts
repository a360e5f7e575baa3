import { expect, test } from 'vitest';
import { JsonBuffer } from '../../../../../src/server/engines/memory/contents/json-buffer.js';
import { RecordTable } from '../../../../../src/server/engines/memory/table/record-table.js';
import type { StoredRecord } from '../../../../../src/server/index.js';
import { event, numbered } from '../../stored.js';

type Properties = StoredRecord['properties'];

function record(seq: number, properties?: Properties): StoredRecord {
  return { ...numbered(seq), seq, ...(properties && { properties }) };
}

/** A turn of two models. */
function turn(seq: number, models = ['small', 'large']): StoredRecord {
  const [first = '', second = ''] = models;
  return record(seq, {
    input_tokens: 30,
    output_tokens: 12,
    tokens_by_model: { [first]: { input: 10, output: 2 }, [second]: { input: 20, output: 10 } },
    cost: 0.5,
    cost_source: 'table',
    priced_calls: 3,
    unpriced_calls: 1,
    cost_by_model: { [second]: { cost: 0.4, priced: 2, unpriced: 1 } },
  });
}

function tableOf(records: readonly StoredRecord[], chunkBytes?: number): RecordTable {
  const table = new RecordTable(chunkBytes);
  for (const each of records) table.set(each);
  return table;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

function partsOf(table: RecordTable, seq: number): unknown[] {
  return table
    .modelParts(table.rowOf(seq))
    .map(({ model, ...counts }) => ({ model: table.models.nameOf(model), ...counts }));
}

function rowsWithText(table: RecordTable, text: string): number[] {
  const rows: number[] = [];
  table.findText(text, (row) => void rows.push(row));
  return rows;
}

function plansOf(table: RecordTable, seqs: readonly number[]): (string | undefined)[] {
  const { ids, texts } = table.property('plan');
  return seqs.map((seq) => texts[ids[table.rowOf(seq)] ?? 0]);
}

/** Fills a table until its first rows were closed up. Each sixth row then has another text. */
function closedUp(prepare: (table: RecordTable) => void): { table: RecordTable; kept: readonly number[] } {
  const table = new RecordTable();
  const seqs = numbers(5000);
  for (const seq of seqs) table.set(record(seq, { plan: `plan ${seq % 6}`, input_tokens: seq }));
  prepare(table);
  for (const seq of seqs.slice(0, 4500)) table.remove(table.rowOf(seq));
  return { table, kept: seqs.slice(4500) };
}

test.each(['new', 'searchable'])(
  '%s contents that are moved to other chunks are still those of their records',
  (kind) => {
    const seqs = numbers(300);
    const table = tableOf(
      seqs.map((seq) => record(seq, { note: `note ${seq} `.repeat(5) })),
      2048,
    );
    if (kind === 'searchable') table.fold();
    const kept = seqs.filter((seq) => seq % 3 === 0);
    for (const seq of seqs) if (seq % 3 !== 0) table.remove(table.rowOf(seq));
    expect(kept.map((seq) => table.record(table.rowOf(seq)))).toEqual(
      kept.map((seq) => record(seq, { note: `note ${seq} `.repeat(5) })),
    );
    expect(kept.map((seq) => table.searchText(table.rowOf(seq)).includes(`p${seq}`))).toEqual(
      kept.map(() => true),
    );
    expect(rowsWithText(table, 'p150')).toEqual([table.rowOf(150)]);
  },
);

test('capitals and line breaks of texts stay with their records when these are moved to other chunks', () => {
  const seqs = numbers(300);
  const textOf = (seq: number): string => `P${seq} and\nQ${seq % 7} `.repeat((seq % 5) + 3);
  const table = tableOf(
    seqs.map((seq) => ({ ...numbered(seq), prompt: textOf(seq), seq })),
    1024,
  );
  table.fold();
  const kept = seqs.filter((seq) => seq % 3 === 0);
  for (const seq of seqs) if (seq % 3 !== 0) table.remove(table.rowOf(seq));
  expect(kept.map((seq) => table.record(table.rowOf(seq)))).toEqual(
    kept.map((seq) => ({ ...numbered(seq), prompt: textOf(seq), seq })),
  );
});

test('records are made searchable once, a part at a time, and those that are listed do not become more and more', () => {
  const table = tableOf(numbers(3).map((seq) => record(seq)));
  let folded = 0;
  expect([table.fold(() => folded++ === 2), table.unfolded]).toEqual([false, 1]);
  expect([table.fold(), table.unfolded]).toEqual([true, 0]);
  table.set(record(4));
  table.restart(1);
  expect([table.unfolded, table.fold()]).toEqual([0, true]);
  let most = 0;
  for (let round = 0; round < 10_100; round++) {
    table.set(record(1, {}));
    most = Math.max(most, table.unfolded);
  }
  expect(most).toBe(10_002);
  expect(table.unfolded).toBeLessThan(200);
});

test('a record that is written again counts once, and has its latest contents and names', () => {
  const table = tableOf([record(1), record(2)]);
  table.recordOfPage(table.rowOf(1));
  const renewed = { ...record(1), prompt: 'renewed', userId: 'other', assistantId: 'new model' };
  table.set(renewed);
  expect([table.count, table.end, table.first]).toEqual([2, 2, 0]);
  expect([table.record(0), table.recordOfPage(0)]).toEqual([renewed, renewed]);
  expect([rowsWithText(table, 'p1'), rowsWithText(table, 'renewed')]).toEqual([[], [0]]);
  expect([table.users.find('user-1'), table.models.find('model-1')]).toEqual([undefined, undefined]);
  expect(table.users.nameOf(table.user[0] ?? 0)).toBe('other');
  expect(table.models.nameOf(table.model[0] ?? 0)).toBe('new model');
});

test('an empty row has neither a record nor the beginning of a prompt, and is removed once', () => {
  const table = tableOf(numbers(3).map((seq) => record(seq)));
  table.remove(1);
  table.remove(1);
  table.remove(7);
  const line = new JsonBuffer();
  expect([table.has(1), table.idOf(1), table.record(1), table.recordOfPage(1)]).toEqual([
    false,
    undefined,
    undefined,
    undefined,
  ]);
  expect([table.promptStart(1, 10), table.writeJson(1, line), line.bytes.length]).toEqual(['', false, 0]);
  expect([table.count, table.first, table.end, table.firstSeq]).toEqual([2, 0, 3, 1]);
  expect([table.writeJson(2, line), JSON.parse(line.bytes.toString())]).toEqual([true, record(3)]);
  table.remove(0);
  expect([table.count, table.first, table.firstSeq, table.promptStart(2, 10)]).toEqual([1, 2, 3, 'p3']);
});

test('the beginning of a prompt has at least the characters that are asked for', () => {
  const table = tableOf([{ ...numbered(1), prompt: 'Ünïcode 東京 '.repeat(100), seq: 1 }]);
  const start = table.promptStart(0, 300);
  expect([start.length >= 300, 'Ünïcode 東京 '.repeat(100).startsWith(start)]).toEqual([true, true]);
});

test('a record is found by its id until it is removed, also after the first rows are given back', () => {
  const table = tableOf(numbers(3).map((seq) => record(seq)));
  expect([table.seqOfId('2'), table.rowOfId('3'), [...table.ids()]]).toEqual([2, 2, ['1', '2', '3']]);
  table.remove(1);
  table.set(record(3));
  expect([table.seqOfId('2'), table.rowOfId('2'), [...table.ids()]]).toEqual([
    undefined,
    undefined,
    ['1', '3'],
  ]);
  table.restart(1);
  expect([table.rowOfId('3'), [...table.ids()]]).toEqual([undefined, []]);
  const { table: closed, kept } = closedUp(() => undefined);
  expect(kept.map((seq) => closed.rowOfId(String(seq)))).toEqual(kept.map((seq) => closed.rowOf(seq)));
});

test('ratings and scores of answers are those of the latest revision', () => {
  const table = tableOf([record(1)]);
  const rate = (seq: number, properties: Properties): void => {
    table.set({ ...event(`e${seq}`, 'Feedback', { record_id: '1', ...properties }), seq });
    table.revision++;
  };
  rate(2, { score: 1 });
  const [good, scores] = [table.ratings(), table.scores()];
  expect([table.ratings() === good, table.scores() === scores]).toEqual([true, true]);
  rate(3, { score: -1 });
  rate(4, { feedback_type: 'evaluation', name: 'tone', score: 0.5 });
  expect([table.ratings()[0] === good[0], table.scores().length > scores.length]).toEqual([false, true]);
});

test('empty rows at the front are given back once they are most of the table', () => {
  const table = new RecordTable();
  for (const seq of numbers(9000)) table.set(record(seq, {}));
  for (const seq of numbers(4400)) table.remove(table.rowOf(seq));
  expect([table.first, table.end]).toEqual([4400, 9000]);
  for (const seq of numbers(4501).slice(4400)) table.remove(table.rowOf(seq));
  expect([table.first, table.end, table.firstSeq, table.count]).toEqual([0, 4499, 4502, 4499]);
  expect([table.rowOf(4502), table.seqOf(0), table.idOf(0)]).toEqual([0, 4502, '4502']);
  for (const seq of numbers(8999).slice(4501)) table.remove(table.rowOf(seq));
  expect([table.first, table.end, table.firstSeq]).toEqual([402, 403, 9000]);
});

test('columns, contents and names stay with their records when the first rows are given back', () => {
  const { table, kept } = closedUp(() => undefined);
  expect(table.first).toBeLessThan(kept.length);
  expect(table.end).toBeLessThan(1000);
  const rows = kept.map((seq) => table.rowOf(seq));
  expect(rows.map((row) => table.record(row)?.id)).toEqual(kept.map(String));
  expect(rows.map((row) => [table.inputTokens[row], table.users.nameOf(table.user[row] ?? 0)])).toEqual(
    kept.map((seq) => [seq, `user-${seq % 3}`]),
  );
  expect(rowsWithText(table, 'p4999')).toEqual([table.rowOf(4999)]);
});

test('a property that was asked for stays with its rows when the first rows are given back', () => {
  const { table, kept } = closedUp((full) => full.property('plan'));
  expect(plansOf(table, kept)).toEqual(kept.map((seq) => `plan ${seq % 6}`));
});

test('marks of rows stay with their records when the first rows are given back', () => {
  const marked = 4700;
  const { table } = closedUp((full) => {
    const rows = new Uint8Array(full.end);
    rows[full.rowOf(marked)] = 1;
    full.marks.keep('q', rows, () => false);
  });
  const marks = table.marks.get('q') ?? new Uint8Array();
  expect(marks.indexOf(1)).toBe(table.rowOf(marked));
  expect(marks.lastIndexOf(1)).toBe(table.rowOf(marked));
});

test('records that arrive are marked in the row in which they are written', () => {
  const table = tableOf([record(1)]);
  table.marks.keep('q', new Uint8Array(1), ({ userId }) => userId === 'user-0');
  for (const seq of [2, 3, 4]) table.set(record(seq));
  expect([...(table.marks.get('q') ?? [])].slice(0, 4)).toEqual([0, 0, 1, 0]);
  table.set({ ...record(3), userId: 'other' });
  expect([...(table.marks.get('q') ?? [])]).not.toContain(1);
});

test('a table that starts again has nothing of what it had', () => {
  const table = tableOf([turn(1), record(2, { plan: 'old' }), record(3, { plan: 'older' })]);
  table.marks.keep('q', new Uint8Array(3), () => true);
  table.property('plan');
  table.recordOfPage(1);
  table.remove(0);
  table.restart(50);
  expect([table.count, table.first, table.end, table.firstSeq, table.has(0)]).toEqual([0, 0, 0, 50, false]);
  expect([table.users.find('user-2'), table.users.limit]).toEqual([undefined, 1]);
  expect([table.marks.get('q'), rowsWithText(table, 'p2')]).toEqual([undefined, []]);
  expect(table.property('plan').texts).toEqual(['']);
  table.restart(1);
  table.set(record(1, {}));
  table.set(record(2, {}));
  expect([table.rowOf(1), table.rowOf(2), table.count]).toEqual([0, 1, 2]);
  expect([partsOf(table, 1), table.record(1)]).toEqual([[], record(2, {})]);
});

test('models of a turn have their own counts, which leave with the row or its earlier version', () => {
  const table = tableOf([turn(1), turn(2, ['small', 'other']), record(3)]);
  expect(partsOf(table, 1)).toEqual([
    { model: 'small', input: 10, output: 2, nanoDollars: 0, pricedCalls: 0, unpricedCalls: 0 },
    { model: 'large', input: 20, output: 10, nanoDollars: 4e8, pricedCalls: 2, unpricedCalls: 1 },
  ]);
  expect([partsOf(table, 2).length, partsOf(table, 3)]).toEqual([2, []]);
  table.set(record(1));
  expect([partsOf(table, 1), table.models.find('large')]).toEqual([[], undefined]);
  expect(table.models.find('small')).toEqual(expect.any(Number));
  table.remove(table.rowOf(2));
  expect([partsOf(table, 2), table.models.find('small'), table.models.find('other')]).toEqual([
    [],
    undefined,
    undefined,
  ]);
});

test('models of a turn stay with their record when the first rows are given back', () => {
  const { table } = closedUp((full) => full.set(turn(4800)));
  expect([partsOf(table, 4799), partsOf(table, 4800).length, partsOf(table, 300)]).toEqual([[], 2, []]);
});

test('a property within another property is not taken for one of the record', () => {
  const table = tableOf([
    record(1, { nested: { plan: 'inner' } }),
    record(2, { nested: { plan: 'inner' }, plan: 'free' }),
    record(3, { plan: 'inner' }),
    record(4, { list: [{ plan: 'inner' }] }),
    record(5, { list: [1, 'plan'], plan: 'inner' }),
    record(6, { plan: 'innermost' }),
  ]);
  expect(plansOf(table, numbers(6))).toEqual(['', 'free', 'inner', '', 'inner', 'innermost']);
  const found: [number, boolean][] = [];
  table.findProperty({ name: 'plan', values: ['inner'] }, (row, isSure) => void found.push([row, isSure]));
  expect(found).toEqual([
    [0, false],
    [1, false],
    [2, true],
    [3, false],
    [4, true],
  ]);
});

test('a property that was asked for has the texts of records that arrive, and of renewed ones', () => {
  const table = tableOf([record(1, { plan: 'free' }), record(2, {})]);
  const column = table.property('plan');
  table.set(record(3, { plan: 'pro' }));
  table.set(record(1, { plan: 'team' }));
  table.set(record(2, { plan: 'free' }));
  expect([table.property('plan') === column, ...plansOf(table, [1, 2, 3])]).toEqual([
    true,
    'team',
    'free',
    'pro',
  ]);
});

test('of eight properties the one that was not asked for longest makes room', () => {
  const table = tableOf([record(1, { p0: 'a' })]);
  const columns = numbers(8).map((number) => table.property(`p${number}`));
  expect(table.property('p1')).toBe(columns[0]);
  table.property('p9');
  expect(table.property('p1')).toBe(columns[0]);
  expect(table.property('p3')).toBe(columns[2]);
  expect(table.property('p2')).not.toBe(columns[1]);
});

test('texts of a property that no record has any more are forgotten', () => {
  const table = tableOf([record(1, { plan: 'first' })]);
  const column = table.property('plan');
  for (const each of numbers(10_000)) column.set(0, `text ${each}`);
  expect(table.property('plan')).toBe(column);
  for (const each of numbers(10)) column.set(0, `last text ${each}`);
  expect(table.property('plan').texts).toEqual(['', 'first']);
});
