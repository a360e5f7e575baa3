import { expect, test } from 'vitest';
import { RecordTable } from '../../../../../src/server/engines/memory/table/record-table.js';
import { feedbackOfCode, ratingOfCode } from '../../../../../src/server/model/feedback.js';
import type { StoredRecord } from '../../../../../src/server/index.js';
import { variedRecords } from '../../../../support/varied-records.js';
import { event, numbered, START } from '../../stored.js';

type NamedEvent = [name: string, properties?: StoredRecord['properties']];

/** All columns of a row, with names in place of numbers. */
function columnsOf(table: RecordTable, row: number) {
  const at = (column: ArrayLike<number>): number => column[row] ?? 0;
  return {
    user: table.users.nameOf(at(table.user)),
    thread: table.threads.nameOf(at(table.thread)),
    model: table.models.nameOf(at(table.model)),
    event: table.events.nameOf(at(table.event)),
    tags: table.tagLists.nameOf(at(table.tagList)),
    target: table.targets.nameOf(at(table.target)),
    evaluation: table.evaluations.nameOf(at(table.evaluation)),
    label: table.labels.nameOf(at(table.label)),
    owners: [table.owners.nameOf(at(table.firstOwner)), table.owners.nameOf(at(table.secondOwner))],
    at: at(table.at),
    seen: at(table.seen),
    score: at(table.score),
    latency: at(table.latency),
    tokens: [at(table.inputTokens), at(table.outputTokens), at(table.totalTokens)],
    costs: [at(table.nanoDollars), at(table.pricedCalls), at(table.unpricedCalls)],
    isError: at(table.isError),
    isCall: at(table.isCall),
    feedback: feedbackOfCode(at(table.feedback)),
    rating: ratingOfCode(at(table.rating)),
    isFlat: at(table.isFlat),
    isRequest: table.isRequest(row),
  };
}

const NO_NAMES = { thread: '', tags: '', target: '', evaluation: '', label: '', owners: ['', ''] };
const NO_EVENT = { event: '', score: Number.NaN, isCall: 0, feedback: undefined, rating: undefined };

function columnsOfEvents(...events: readonly NamedEvent[]) {
  const table = new RecordTable();
  return events.map(([name, properties], row) => {
    table.set({ ...event(`e${row}`, name, properties), seq: row + 1 });
    return columnsOf(table, row);
  });
}

test('each column of a prompt has what the record says', () => {
  const table = new RecordTable();
  table.set({
    ...numbered(1, 2.5),
    tags: ['b', 'a'],
    receivedAt: new Date(START + 5000).toISOString(),
    properties: { input_tokens: 7, output_tokens: 4, cost: 0.25, cost_source: 'own', unpriced_calls: 2 },
    seq: 1,
  });
  expect(columnsOf(table, 0)).toEqual({
    ...NO_NAMES,
    ...NO_EVENT,
    user: 'user-1',
    thread: 'thread-1',
    model: 'model-1',
    tags: '["b","a"]',
    at: START + 1000,
    seen: START + 1000,
    latency: 2.5,
    tokens: [7, 4, 11],
    costs: [25e7, 1, 2],
    isError: 0,
    isFlat: 1,
    isRequest: true,
  });
  expect(table.bytes[0]).toBeGreaterThan(600);
});

test('a prompt without a model has the name of an unknown one, and an event has none', () => {
  const table = new RecordTable();
  table.set({ ...numbered(5), seq: 1 });
  table.set({ ...event('e', 'Clicked'), seq: 2 });
  expect([0, 1].map((row) => columnsOf(table, row).model)).toEqual(['unknown', '']);
});

test('a prompt whose time cannot be true was seen when it arrived', () => {
  const table = new RecordTable();
  const timestamp = new Date(1000).toISOString();
  table.set({ ...numbered(1), timestamp, seq: 1 });
  table.set({ ...numbered(2), timestamp, receivedAt: timestamp, seq: 2 });
  expect(Array.from(table.at.slice(0, 2))).toEqual([1000, 1000]);
  expect(Array.from(table.seen.slice(0, 2))).toEqual([START + 1000, 1000]);
});

test('events have the columns of feedback, evaluations, errors and calls that they are', () => {
  const [clicked, thumb, evaluation, error, call] = columnsOfEvents(
    ['Clicked'],
    ['Feedback', { record_id: 'answer', score: 1 }],
    ['Evaluation', { record_id: 'answer', name: 'tone', score: 0.75, label: 'warm' }],
    ['LLM error', { model: 'gpt-4o', total_tokens: 9 }],
    ['LLM call', { turn_id: 'turn', record_id: 'other', total_tokens: 9, error_type: 'timeout' }],
  );
  const plain = { ...NO_NAMES, ...NO_EVENT, isError: 0, isRequest: false, latency: Number.NaN };
  expect(clicked).toMatchObject({ ...plain, user: 'cleo', event: 'Clicked', model: '', costs: [0, 0, 0] });
  const onAnswer = { target: 'answer', owners: ['answer', ''] };
  expect(thumb).toMatchObject({
    ...plain,
    ...onAnswer,
    event: 'Feedback',
    feedback: 'positive',
    rating: 'good',
  });
  expect(evaluation).toMatchObject({
    ...plain,
    ...onAnswer,
    event: 'Evaluation',
    evaluation: 'tone',
    label: 'warm',
    score: 0.75,
  });
  expect(error).toMatchObject({
    ...plain,
    event: 'LLM error',
    model: 'gpt-4o',
    isError: 1,
    isRequest: true,
    tokens: [0, 0, 9],
    costs: [0, 0, 1],
  });
  expect(call).toMatchObject({
    ...plain,
    event: 'LLM call',
    isCall: 1,
    owners: ['turn', 'other'],
    tokens: [0, 0, 0],
  });
});

test('a record is flat if no property is an object, nor a list with objects', () => {
  const flat = [{ a: 1, b: null, c: ['x', 2] }, {}, { list: [] }];
  const nested = [{ a: { b: 1 } }, { a: [{ b: 1 }] }, { first: 1, last: {} }, { a: ['x', null] }];
  const table = new RecordTable();
  for (const [row, properties] of [...flat, ...nested].entries())
    table.set({ ...numbered(row), properties, seq: row + 1 });
  expect(Array.from(table.isFlat.slice(0, 7))).toEqual([1, 1, 1, 0, 0, 0, 0]);
});

/** Records of all kinds in turn: a row that is renewed with another one changes each column. */
function mixedRecords(count: number): StoredRecord[] {
  const events: readonly NamedEvent[] = [
    ['Feedback', { record_id: 'answer', score: 1 }],
    ['Evaluation', { record_id: 'answer', name: 'tone', score: 0.75, label: 'warm' }],
    ['LLM error', { model: 'gpt-4o', total_tokens: 9 }],
    ['LLM call', { turn_id: 'turn', record_id: 'other' }],
  ];
  return variedRecords(count).map((one, at) => {
    const [name, properties] = events[at % 9] ?? [];
    const { id, userId, timestamp, receivedAt, tags } = one;
    const named = name && properties && event(id, name, properties);
    return named
      ? { ...named, userId, timestamp, receivedAt, tags, seq: at + 1 }
      : { ...one, properties: at % 2 === 0 ? one.properties : { cost: at, cost_source: 'own' }, seq: at + 1 };
  });
}

function columnsAlone(record: StoredRecord) {
  const table = new RecordTable(4096);
  table.set({ ...record, seq: 1 });
  return columnsOf(table, 0);
}

test('columns keep what they had when they grow, and have room for the row that made them', () => {
  const records = mixedRecords(1100);
  const table = new RecordTable();
  for (const one of records) table.set(one);
  const rows = [...Array(20).keys(), 1022, 1023, 1024, 1025, 1099];
  expect(rows.map((row) => columnsOf(table, row))).toEqual(
    rows.map((row) => columnsAlone(records[row] as StoredRecord)),
  );
});

test('a row that is renewed has nothing of what it had, whatever kinds of records follow each other', () => {
  const kinds = mixedRecords(18);
  const alone = kinds.map(columnsAlone);
  const table = new RecordTable();
  for (const [at, first] of kinds.entries())
    for (const [row, then] of kinds.entries()) {
      const seq = at * kinds.length + row + 1;
      table.set({ ...first, seq });
      table.set({ ...then, seq });
    }
  for (const at of kinds.keys())
    expect(alone.map((_, row) => columnsOf(table, at * kinds.length + row))).toEqual(alone);
});

test('after records were written, renewed and removed, each row is as in a table of its own', () => {
  const records = mixedRecords(5400);
  const table = new RecordTable();
  const kept = new Map<number, StoredRecord>();
  const write = (one: StoredRecord): void => {
    table.set(one);
    kept.set(one.seq, one);
  };
  for (const one of records) {
    const { seq } = one;
    write(one);
    // A row is renewed with a record of another kind, one is removed at the front, and one in the midst.
    const other = records[(seq * 7) % 400];
    if (seq % 11 === 0 && other) write({ ...other, seq: seq - 3 });
    for (const gone of [seq - 900, ...(seq % 10 === 0 ? [seq - 40] : [])])
      if (kept.delete(gone)) table.remove(table.rowOf(gone));
  }
  const sample = [...kept.values()].filter(({ seq }) => seq % 4 === 0);
  expect(sample.length).toBeGreaterThan(150);
  expect(table.end).toBeLessThan(2000);
  expect(sample.map(({ seq }) => columnsOf(table, table.rowOf(seq)))).toEqual(sample.map(columnsAlone));
  expect(sample.map(({ seq }) => table.record(table.rowOf(seq)))).toEqual(sample);
  expect(table.count).toBe(kept.size);
});

test('names are forgotten with the last record that has them', () => {
  const table = new RecordTable();
  const properties = { turn_id: 'turn', record_id: 'answer', name: 'tone', label: 'warm' };
  table.set({ ...event('e', 'Evaluation', properties), threadId: 'thread', tags: ['x'], seq: 1 });
  table.set({ ...numbered(1), seq: 2 });
  const find = () => [
    table.users.find('cleo'),
    table.threads.find('thread'),
    table.models.find('model-1'),
    table.events.find('Evaluation'),
    table.tagLists.find('["x"]'),
    table.targets.find('answer'),
    table.evaluations.find('tone'),
    table.labels.find('warm'),
    table.owners.find('turn'),
    table.owners.find('answer'),
  ];
  expect(find()).not.toContain(undefined);
  table.remove(0);
  table.remove(1);
  expect(find()).toEqual(Array.from({ length: 10 }, () => undefined));
});
