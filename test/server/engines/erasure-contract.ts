import { expect, test } from 'vitest';
import type { NewRecord, StoredRecord } from '../../../src/server/index.js';
import { erasedKeysOf, personKeysOf } from '../../../src/server/model/privacy/erasure-keys.js';
import type { Engine } from './engine.js';
import { event, idsOf, numbered, useStore } from './stored.js';

const MINUTE = 60_000;

function erasureOf(records: readonly StoredRecord[]) {
  return { ids: records.map(({ id }) => id), keys: records.flatMap(erasedKeysOf) };
}

/** A call that was read from a span of a trace. */
function span(id: string, fields: Partial<NewRecord> = {}): NewRecord {
  return {
    ...numbered(1),
    id: `t-${id}`,
    origin: 'otlp',
    properties: { trace_id: 't', span_id: id },
    ...fields,
  } as NewRecord;
}

/** What every engine has to promise for records that are deleted for good. */
export function checkErasure(engine: Engine): void {
  test(`${engine.name}: an erased record is gone, and does not come back when it is put again`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([1, 2, 3].map((id) => numbered(id)));
    const { ids } = await store.erase(erasureOf(records.slice(0, 2)));
    expect(ids.toSorted()).toEqual(['1', '2']);
    const put = await store.put([numbered(1), numbered(2), numbered(3), numbered(4)]);
    expect(put.records.map(({ id }) => id)).toEqual(['3', '4']);
    expect(await idsOf(store)).toEqual(['3', '4']);
    expect(await store.usage()).toMatchObject({ records: 2, refused: 2 });
    expect(await store.erased(['1', '3', 'nobody'])).toEqual(new Set(['1']));
  });

  test(`${engine.name}: an erased record does not come back after everything was removed`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([numbered(1), numbered(2)]);
    await store.erase(erasureOf(records.slice(0, 1)));
    await store.remove({});
    await store.put([numbered(1), numbered(2)]);
    expect(await idsOf(store)).toEqual(['2']);
  });

  test(`${engine.name}: removed records may be put again, erased ones may not`, async () => {
    const store = await useStore(engine);
    await store.put([numbered(1)]);
    await store.remove({ ids: ['1'] });
    await store.put([numbered(1)]);
    expect(await idsOf(store)).toEqual(['1']);
  });

  test(`${engine.name}: late calls and feedback of an erased record are left out, others are not`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([numbered(1), numbered(2)]);
    await store.erase(erasureOf(records.slice(0, 1)));
    await store.put([
      event('call', 'LLM call', { turn_id: '1' }),
      event('thumb', 'User feedback', { record_id: '1', score: 1 }),
      event('evaluation', 'Correctness', { record_id: '1', score: 1 }),
      event('other call', 'LLM call', { turn_id: '2' }),
      event('other thumb', 'User feedback', { record_id: '2', score: 1 }),
    ]);
    expect(await idsOf(store)).toEqual(['2', 'other call', 'other thumb']);
  });

  test(`${engine.name}: the span around an erased call does not bring it back`, async () => {
    const store = await useStore(engine);
    const inner = span('inner', {
      properties: { trace_id: 't', span_id: 'inner', parent_span_id: 'outer' },
    });
    const { records } = await store.put([inner]);
    await store.erase(erasureOf(records));
    await store.put([span('outer'), span('beside', { prompt: 'another question' })]);
    expect(await idsOf(store)).toEqual(['t-beside']);
  });

  test(`${engine.name}: a span further above an erased call does not bring it back, other calls of the trace stay`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([
      span('inner'),
      event('evaluation', 'Correctness', { trace_id: 't' }),
    ]);
    await store.erase(erasureOf(records.slice(0, 1)));
    const later = new Date(Date.now() + MINUTE).toISOString();
    await store.put([
      span('outer'),
      span('answer', { generation: 'another answer' }),
      span('asked again', { timestamp: later }),
      { ...span('of another trace'), id: 'u-1', properties: { trace_id: 'u', span_id: '1' } },
      { ...span('by hand'), id: 'by hand' },
      span('of another', { userId: 'bob' }),
      span('unknown', { userId: 'anonymous' }),
    ]);
    expect((await idsOf(store)).toSorted()).toEqual(
      ['by hand', 'evaluation', 't-answer', 't-asked again', 't-of another', 'u-1'].toSorted(),
    );
  });

  test(`${engine.name}: a span that knows the user of an erased call without one does not bring it back`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([span('inner', { userId: 'anonymous' })]);
    await store.erase(erasureOf(records));
    await store.put([span('outer', { userId: 'ada' })]);
    expect(await idsOf(store)).toEqual([]);
  });

  test(`${engine.name}: an erased failure does not come back by a span above it`, async () => {
    const store = await useStore(engine);
    const failure = (id: string, question: string): NewRecord => ({
      ...event(`t-${id}`, 'LLM error', { trace_id: 't', span_id: id, prompt: question }),
      origin: 'otlp',
    });
    const { records } = await store.put([failure('inner', 'why?')]);
    await store.erase(erasureOf(records));
    await store.put([failure('outer', 'why?'), failure('other', 'how?')]);
    expect(await idsOf(store)).toEqual(['t-other']);
  });

  test(`${engine.name}: earlier calls of a forgotten person's trace are left out, later ones and others are not`, async () => {
    const store = await useStore(engine);
    const { records } = await store.put([span('1', { userId: 'ada' })]);
    await store.erase({ ids: ['t-1'], keys: records.flatMap(personKeysOf) });
    const later = new Date(Date.now() + MINUTE).toISOString();
    await store.put([
      span('2', { userId: 'ada' }),
      span('3', { userId: 'anonymous' }),
      span('4', { userId: 'bob' }),
      span('5', { userId: 'ada', timestamp: later }),
      // Ended later, but began before the erasure.
      { ...span('6', { userId: 'ada', timestamp: later }), latency: 120 } as NewRecord,
      span('7', { userId: 'ada', properties: { trace_id: 'another' } }),
    ]);
    expect(await idsOf(store)).toEqual(['t-4', 't-5', 't-7']);
  });

  test(`${engine.name}: records that are put while others are erased are there, and none of these are`, async () => {
    const store = await useStore(engine, { maxRecords: 10_000 });
    const { records } = await store.put(Array.from({ length: 200 }, (_, id) => numbered(id)));
    const erasing: Promise<unknown>[] = [];
    const putting: Promise<unknown>[] = [];
    for (const record of records.slice(0, 20)) {
      putting.push(store.put([numbered(1000 + Number(record.id))]));
      erasing.push(store.erase(erasureOf([record])));
      putting.push(store.put([numbered(Number(record.id)), numbered(2000 + Number(record.id))]));
    }
    await Promise.all([...erasing, ...putting]);
    const ids = new Set(await idsOf(store));
    for (let id = 0; id < 20; id++)
      expect([ids.has(String(id)), ids.has(String(1000 + id)), ids.has(String(2000 + id))]).toEqual([
        false,
        true,
        true,
      ]);
    expect(ids.size).toBe(220);
  });
}
