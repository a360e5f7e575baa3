import { beforeEach, expect, test, vi } from 'vitest';
import type { Forwarding } from '../../../src/server/ingest/forwarding.js';
import { Pricing } from '../../../src/server/insights/prices/pricing.js';
import { Intake, type TracedRecord } from '../../../src/server/ingest/intake.js';
import { StoreHealth } from '../../../src/server/ingest/store-health.js';
import { recordKey } from '../../../src/server/model/privacy/erasure-keys.js';
import { MemoryStore, type NewRecord, type StoredRecord } from '../../../src/server/index.js';

const HOST = 'https://host.example';

let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});

function useIntake() {
  const send = vi.fn<Forwarding['send']>();
  const sendLater = vi.fn<Forwarding['sendLater']>();
  const forget = vi.fn<Forwarding['forget']>(() => []);
  const forwarding = { host: HOST, send, sendLater, forget } as unknown as Forwarding;
  const told: string[][] = [];
  const onRecords = (records: readonly StoredRecord[]): void => {
    told.push(records.map(({ id }) => id));
    throw new Error('of the user');
  };
  const health = new StoreHealth(() => undefined);
  const intake = new Intake({ store, health, forwarding, pricing: new Pricing(), onRecords });
  return { intake, health, send, sendLater, forget, told };
}

function record(id: string, fields: Partial<Extract<NewRecord, { kind: 'prompt' }>> = {}): NewRecord {
  return {
    kind: 'prompt',
    id,
    userId: 'ada',
    prompt: 'p',
    generation: 'g',
    timestamp: '2026-01-02T03:04:05.678Z',
    receivedAt: '2026-01-02T03:04:06.000Z',
    tags: [],
    properties: {},
    ...fields,
  };
}

function traced(id: string, fields: Parameters<typeof record>[1] = {}, about: Partial<TracedRecord> = {}) {
  return { record: record(id, { origin: 'otlp', ...fields }), partOf: [], isComplete: true, ...about };
}

const stored = (): Record<string, StoredRecord> =>
  Object.fromEntries((store.snapshot() ?? []).map((one) => [one.id, one]));
const idsIn = (calls: readonly (readonly [readonly StoredRecord[], ...unknown[]])[]): string[][] =>
  calls.map(([records]) => records.map(({ id }) => id));

test('a record is stored, told and forwarded, and says where to', async () => {
  const { intake, send, told } = useIntake();
  await intake.take([record('a'), record('b')]);
  expect(stored()).toMatchObject({ a: { forwardedTo: [HOST] }, b: { forwardedTo: [HOST] } });
  expect(told).toEqual([['a', 'b']]);
  expect(idsIn(send.mock.calls)).toEqual([['a', 'b']]);
});

test('a record that is repeated is not forwarded again, and keeps where it was forwarded to', async () => {
  const { intake, send } = useIntake();
  const properties = { plan: 'free', $thread_id: 't' };
  await intake.take([record('a', { properties })]);
  const later = { receivedAt: '2026-01-03T00:00:00.000Z', properties: { ...properties } };
  await intake.take([record('a', later), record('b')]);
  await intake.take([record('a', { ...later, generation: 'changed' })]);
  await intake.take([record('a', { generation: 'changed', properties: { plan: 'paid' } })]);
  expect(idsIn(send.mock.calls)).toEqual([['a'], ['b'], ['a'], ['a']]);
  expect(stored()['a']).toMatchObject({ generation: 'changed', forwardedTo: [HOST] });
});

test('a record that was forwarded to another host before names both', async () => {
  await store.put([record('a', { forwardedTo: ['https://old.example'] })]);
  const { intake } = useIntake();
  await intake.take([record('a', { generation: 'changed' })]);
  expect(stored()['a']?.forwardedTo).toEqual(['https://old.example', HOST]);
  await store.put([record('b')]);
  await new Intake({ store, health: new StoreHealth(() => undefined), pricing: new Pricing() }).take([
    record('b'),
    record('c'),
  ]);
  expect(stored()['b']).not.toHaveProperty('forwardedTo');
});

test('a server that forwards nothing keeps where a record was forwarded to before', async () => {
  await store.put([record('a', { forwardedTo: [HOST] })]);
  const intake = new Intake({ store, health: new StoreHealth(() => undefined), pricing: new Pricing() });
  await intake.take([record('a', { generation: 'changed' })]);
  expect(stored()['a']).toMatchObject({ generation: 'changed', forwardedTo: [HOST] });
});

test('a record that was stored before anything was forwarded, and is repeated, names no host', async () => {
  await store.put([record('a')]);
  const { intake, send } = useIntake();
  await intake.take([record('a')]);
  expect(idsIn(send.mock.calls).flat()).toEqual([]);
  expect(stored()['a']).not.toHaveProperty('forwardedTo');
});

test('a record whose fields come in another order is repeated all the same', async () => {
  const { intake, send } = useIntake();
  const reversed = Object.fromEntries(Object.entries(record('a')).toReversed()) as unknown as NewRecord;
  await intake.take([record('a')]);
  await intake.take([reversed]);
  expect(idsIn(send.mock.calls)).toEqual([['a'], []]);
});

test('a record of spans is forwarded later, and one that did not change is not stored again', async () => {
  const { intake, send, sendLater, told } = useIntake();
  await intake.takeTraced([traced('t-1')], []);
  await intake.takeTraced([traced('t-1'), traced('t-2')], []);
  expect(idsIn(sendLater.mock.calls)).toEqual([['t-1'], ['t-2']]);
  expect(told).toEqual([['t-1'], ['t-2']]);
  expect(send).not.toHaveBeenCalled();
  expect(sendLater.mock.calls[1]?.[1].get('t-1')).toMatchObject({ id: 't-1' });
  expect(stored()['t-2']?.forwardedTo).toEqual([HOST]);
});

test('a record of the ingestion API is not replaced by one of spans, nor removed for one', async () => {
  const { intake, sendLater, forget } = useIntake();
  await intake.take([record('t-1', { prompt: 'of the API' }), record('t-2')]);
  await intake.takeTraced([traced('t-1')], ['t-2']);
  expect(stored()).toMatchObject({ 't-1': { prompt: 'of the API' }, 't-2': {} });
  expect(idsIn(sendLater.mock.calls).flat()).toEqual([]);
  expect(forget).not.toHaveBeenCalled();
});

test('records that were made too early are removed, and are not forwarded', async () => {
  const { intake, forget } = useIntake();
  await intake.takeTraced([traced('t-1'), traced('t-3')], []);
  await intake.takeTraced([traced('t-2')], ['t-1', 'unknown']);
  expect(Object.keys(stored()).toSorted()).toEqual(['t-2', 't-3']);
  expect(forget.mock.calls).toEqual([[['t-1']]]);
  await intake.takeTraced([], ['t-2']);
  expect(Object.keys(stored())).toEqual(['t-3']);
});

test('a call that is part of a stored or erased one is not stored, unless that one goes', async () => {
  const { intake } = useIntake();
  await intake.takeTraced([traced('t-whole')], []);
  await intake.takeTraced([traced('t-1', {}, { partOf: ['t-whole', 't-other'] })], []);
  expect(Object.keys(stored())).toEqual(['t-whole']);
  await intake.takeTraced([traced('t-2', {}, { partOf: ['t-whole'] })], ['t-whole']);
  expect(Object.keys(stored())).toEqual(['t-2']);
  await store.erase({ ids: [], keys: [recordKey('t-erased')] });
  await intake.takeTraced([traced('t-3', {}, { partOf: ['t-erased'] })], []);
  expect(Object.keys(stored())).toEqual(['t-2']);
});

test('a new call that takes the place of an erased one is erased too, and others of its trace stay', async () => {
  const { intake } = useIntake();
  await intake.takeTraced([traced('t-1'), traced('u-1')], []);
  await store.erase({ ids: [], keys: [recordKey('t-inner')] });
  await intake.takeTraced(
    [traced('t-outer'), traced('u-outer'), traced('t-1', { generation: 'more' })],
    ['t-inner'],
  );
  expect(Object.keys(stored()).toSorted()).toEqual(['t-1', 'u-1', 'u-outer']);
  expect(stored()['t-1']).toMatchObject({ generation: 'more' });
  expect(await store.erased(['t-outer', 'u-outer', 't-1'])).toEqual(new Set(['t-outer']));
});

test('of a trace that is not known up to its root, user and thread of the stored record stay', async () => {
  const { intake } = useIntake();
  await intake.takeTraced([traced('t-1', { userId: 'ada', threadId: 'one' })], []);
  const partial = { isComplete: false };
  await intake.takeTraced(
    [traced('t-1', { userId: 'anonymous', generation: 'more' }, partial), traced('t-2', {}, partial)],
    [],
  );
  expect(stored()['t-1']).toMatchObject({ userId: 'ada', threadId: 'one', generation: 'more' });
  await intake.takeTraced([traced('t-1', { userId: 'bob', threadId: 'two' }, partial)], []);
  expect(stored()['t-1']).toMatchObject({ userId: 'bob', threadId: 'two' });
  await intake.takeTraced([traced('t-1', { userId: 'anonymous' })], []);
  expect(stored()['t-1']).toMatchObject({ userId: 'anonymous' });
  expect(stored()['t-1']).not.toHaveProperty('threadId');
});

test('nothing is asked of the store, nor told, without records', async () => {
  const { intake, sendLater, told } = useIntake();
  const get = vi.spyOn(store, 'get');
  const put = vi.spyOn(store, 'put');
  await intake.takeTraced([], []);
  expect(get).not.toHaveBeenCalled();
  await intake.takeTraced([], ['t-1']);
  expect(put).not.toHaveBeenCalled();
  expect(told).toEqual([]);
  expect(idsIn(sendLater.mock.calls).flat()).toEqual([]);
});

test('a write that fails is an outage, and nothing is told or forwarded', async () => {
  const { intake, health, send, told } = useIntake();
  vi.spyOn(store, 'put').mockRejectedValueOnce(Object.assign(new Error('no'), { code: 'ENOSPC' }));
  await expect(intake.take([record('a')])).rejects.toThrow('no');
  expect(health.outage).toMatchObject({ reason: 'the disk is full (ENOSPC)' });
  expect(send).not.toHaveBeenCalled();
  expect(told).toEqual([]);
  await intake.take([record('a')]);
  expect(health.outage).toBeUndefined();
});

test('writes of the same ids run one after the other', async () => {
  const { intake, send } = useIntake();
  await Promise.all([intake.take([record('a')]), intake.take([record('a')]), intake.take([record('a')])]);
  expect(idsIn(send.mock.calls)).toEqual([['a'], [], []]);
});
