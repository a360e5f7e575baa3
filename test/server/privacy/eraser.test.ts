import { expect, onTestFinished, test, vi } from 'vitest';
import { MemoryStore } from '../../../src/server/index.js';
import type { Forwarding } from '../../../src/server/ingest/forwarding.js';
import type { NewRecord } from '../../../src/server/model/stored-record.js';
import { AuditLog } from '../../../src/server/privacy/audit-log.js';
import { Eraser } from '../../../src/server/privacy/eraser.js';

const BY = { access: 'open' } as const;
const LATER = '2999-01-01T00:00:00.000Z';

function record(id: string, userId: string, fields: Record<string, unknown> = {}): NewRecord {
  const common = { tags: [], properties: {}, prompt: 'q', generation: 'a' };
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id,
    userId,
    kind: 'prompt',
    timestamp: at,
    receivedAt: at,
    ...common,
    ...fields,
  } as unknown as NewRecord;
}

/** An eraser over a store in memory. Records in `unsent` wait to be forwarded. */
async function setUp(records: readonly NewRecord[], unsent: readonly string[] = []) {
  const store = new MemoryStore();
  await store.put(records);
  const audit = new AuditLog(store.documents);
  const forget = vi.fn<Forwarding['forget']>((ids) => ids.filter((id) => unsent.includes(id)));
  const forwarding = { forget } as unknown as Forwarding;
  const eraser = new Eraser({ store, audit, forwarding });
  const left = () => store.snapshot().map(({ id }) => id);
  const outcomes = async () => (await audit.list(10, {})).entries.map(({ outcome }) => outcome);
  return { store, eraser, forget, left, outcomes };
}

const OTHER = 'https://other.example';

test('a report of several people adds up, and names each host that has records of them once', async () => {
  const forwardedTo = ['https://first.example', OTHER];
  const records = [
    record('a1', 'ada', { forwardedTo, threadId: 't1' }),
    record('a2', 'ada', { forwardedTo, threadId: 't2' }),
    record('a thumb', 'judge', {
      kind: 'event',
      event: 'Feedback',
      properties: { record_id: 'a1', score: 1 },
    }),
    record('b1', 'bob', { forwardedTo: [OTHER, 'https://third.example'], threadId: 't1' }),
    record('b thumb', 'judge', {
      kind: 'event',
      event: 'Feedback',
      properties: { record_id: 'b1', score: 1 },
    }),
    record('c', 'carl'),
  ];
  const { eraser, left } = await setUp(records, ['a2']);
  const report = await eraser.forget(['ada', 'bob'], BY);
  expect(report).toEqual({
    records: 5,
    prompts: 3,
    calls: 0,
    feedback: 2,
    events: 0,
    conversations: 3,
    ofOthers: 2,
    forwarded: [
      { to: 'https://first.example', ids: ['a1'] },
      { to: OTHER, ids: ['a1', 'b1'] },
      { to: 'https://third.example', ids: ['b1'] },
    ],
    mentions: [],
  });
  expect(left()).toEqual(['c']);
});

test('records that are stored during an erasure are erased too, and those that come after its start are not', async () => {
  const { eraser, store, left, forget } = await setUp([record('early', 'ada')]);
  const erase = store.erase.bind(store);
  vi.spyOn(store, 'erase').mockImplementationOnce(async (erasure) => {
    const result = await erase(erasure);
    await store.put([record('meanwhile', 'ada'), record('later', 'ada', { receivedAt: LATER })]);
    return result;
  });
  const report = await eraser.forget(['ada'], BY);
  expect(report.records).toBe(2);
  expect(left()).toEqual(['later']);
  expect(forget.mock.calls).toEqual([[['early']], [['meanwhile']]]);
});

test('a record that is received in the millisecond in which an erasure starts is erased', async () => {
  const now = '2026-02-01T00:00:00.000Z';
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(now) });
  onTestFinished(() => void vi.useRealTimers());
  const { eraser, store, left } = await setUp([]);
  const erase = store.erase.bind(store);
  vi.spyOn(store, 'erase').mockImplementationOnce(async (erasure) => {
    const result = await erase(erasure);
    await store.put([record('meanwhile', 'ada', { receivedAt: now })]);
    return result;
  });
  expect((await eraser.forget(['ada'], BY)).records).toBe(1);
  expect(left()).toEqual([]);
});

test('what a clock that is ahead had received is erased as well', async () => {
  const { eraser, left } = await setUp([record('ahead', 'ada', { receivedAt: LATER })]);
  await eraser.forget(['ada'], BY);
  expect(left()).toEqual([]);
});

test('what was erased does not come back, nor do further spans of a person who was forgotten', async () => {
  const span = {
    origin: 'otlp',
    properties: { trace_id: 'trace', span_id: 'span', parent_span_id: 'parent' },
  };
  const { eraser, store, left } = await setUp([record('trace-span', 'ada', span)]);
  await eraser.forget(['ada'], BY);
  await store.put([
    record('trace-span', 'ada'),
    record('trace-parent', 'ada'),
    record('trace-other', 'anonymous', { properties: { trace_id: 'trace' } }),
    record('elsewhere', 'ada', { properties: { trace_id: 'another' } }),
  ]);
  expect(left()).toEqual(['elsewhere']);
});

test('an erasure without records is done all the same, because earlier versions may be in a file', async () => {
  const { eraser, store } = await setUp([]);
  const erase = vi.spyOn(store, 'erase');
  await eraser.forget(['nobody'], BY);
  expect(erase.mock.calls).toEqual([[{ ids: [], keys: [] }]]);
});

test('deleting a record that is hidden ends the erasure that had failed', async () => {
  const { eraser, store, outcomes } = await setUp([record('a', 'ada')]);
  expect(await eraser.deleteRecord('unknown', BY)).toBeUndefined();
  const erase = vi.spyOn(store, 'erase');
  expect((await eraser.deleteRecord('a', BY))?.records).toBe(1);
  expect(erase).toHaveBeenCalledOnce();
  expect(await eraser.deleteRecord('a', BY)).toBeUndefined();
  expect(erase).toHaveBeenLastCalledWith({ ids: [], keys: [] });
  expect(erase).toHaveBeenCalledTimes(2);
  expect(await outcomes()).toEqual(['done']);
});

test('deleting everything cancels what waits to be forwarded, and gives the cursor after it', async () => {
  const { eraser, store, forget, left, outcomes } = await setUp([record('a', 'ada'), record('b', 'bob')]);
  const { deleted, cursor } = await eraser.deleteAll(BY);
  expect(deleted).toBe(2);
  expect(cursor).toBe((await store.changes(undefined, 0)).cursor);
  expect(forget.mock.calls).toEqual([[['a', 'b']]]);
  expect(left()).toEqual([]);
  expect(await outcomes()).toEqual(['done']);
});

test('an erasure that fails is in the audit log as failed, and its error is not replaced', async () => {
  const { eraser, store, outcomes } = await setUp([record('a', 'ada')]);
  vi.spyOn(store, 'erase').mockRejectedValueOnce(new Error('disk full'));
  await expect(eraser.forget(['ada'], BY)).rejects.toThrow('disk full');
  expect(await outcomes()).toEqual(['failed']);
  vi.spyOn(store, 'erase').mockRejectedValueOnce(new Error('disk full'));
  const put = store.documents.put.bind(store.documents);
  vi.spyOn(store.documents, 'put').mockImplementationOnce(put).mockRejectedValue(new Error('no log'));
  await expect(eraser.forget(['ada'], BY)).rejects.toThrow('disk full');
});

test('an erasure is over when its outcome is in the audit log', async () => {
  const { eraser, store } = await setUp([record('a', 'ada')]);
  const put = store.documents.put.bind(store.documents);
  vi.spyOn(store.documents, 'put')
    .mockImplementationOnce(put)
    .mockImplementationOnce(put)
    .mockRejectedValue(new Error('no log'));
  await expect(eraser.deleteRecord('a', BY)).rejects.toThrow('no log');
});

test('a preview counts what would be erased, and erases nothing', async () => {
  const { eraser, left } = await setUp([record('a', 'ada'), record('b', 'bob')]);
  expect(await eraser.preview(['ada'])).toMatchObject({ records: 1, prompts: 1 });
  expect(left()).toEqual(['a', 'b']);
});
