import { expect, test } from 'vitest';
import type { NewRecord, RecordStore, StoredRecord } from '../../../src/server/index.js';
import type { Engine } from './engine.js';
import { exported, exportedAsLines, getOne, START, useStore } from './stored.js';

type Prompt = Extract<NewRecord, { kind: 'prompt' }>;
type Event = Extract<NewRecord, { kind: 'event' }>;

/** Every field that a prompt can have. Compiles only if none is missing: a field that is added to `StoredRecord` has to be added here. */
const PROMPT: Required<Prompt> = {
  kind: 'prompt',
  id: 'full prompt',
  userId: 'ada',
  threadId: 'thread',
  timestamp: new Date(START).toISOString(),
  receivedAt: new Date(START + 1234).toISOString(),
  tags: ['b', 'a'],
  origin: 'otlp',
  forwardedTo: ['https://second.example/api', 'https://first.example'],
  properties: { text: 'x', number: 1.5, flag: false, nothing: null, list: [1, 'a'], nested: { a: { b: 1 } } },
  prompt: 'question',
  generation: 'answer',
  assistantId: 'gpt-4o',
  latency: 0.25,
  promptEventName: 'Question',
  generationEventName: 'Answer',
};

/** The same for an event. */
const EVENT: Required<Event> = {
  kind: 'event',
  id: 'full event',
  userId: 'ada',
  threadId: 'thread',
  timestamp: PROMPT.timestamp,
  receivedAt: PROMPT.receivedAt,
  tags: PROMPT.tags,
  origin: PROMPT.origin,
  forwardedTo: PROMPT.forwardedTo,
  properties: PROMPT.properties,
  event: 'Opened',
};

/** The fields that a record can lack. Compiles only with exactly those. */
const OPTIONAL: Readonly<Record<OptionalNames<Prompt> | OptionalNames<Event>, true>> = {
  threadId: true,
  origin: true,
  forwardedTo: true,
  assistantId: true,
  latency: true,
  promptEventName: true,
  generationEventName: true,
};

type OptionalNames<T> = { [Name in keyof T]-?: undefined extends T[Name] ? Name : never }[keyof T];

/** Both records whole, without each of their optional fields, and without all of them. */
function records(): NewRecord[] {
  const names = Object.keys(OPTIONAL);
  return [PROMPT, EVENT].flatMap((record) => {
    const own = names.filter((name) => name in record);
    return [[], own, ...own.map((name) => [name])].map((left) => without(record, left));
  });
}

function without(record: NewRecord, names: readonly string[]): NewRecord {
  const fields = Object.entries(record).filter(([name]) => !names.includes(name));
  return { ...(Object.fromEntries(fields) as unknown as NewRecord), id: [record.id, ...names].join(' - ') };
}

/** Every way in which records leave a store. */
async function readings(store: RecordStore, since: string): Promise<readonly (readonly StoredRecord[])[]> {
  const all = await exported(store);
  const one = async (id: string) => (await getOne(store, id)) ?? [];
  return [
    all,
    await exportedAsLines(store),
    (await Promise.all(all.map(({ id }) => one(id)))).flat(),
    (await store.list({}, { limit: 100 })).records.toReversed(),
    (await store.changes(since, 100)).records,
  ];
}

/** Holds an engine to keeping every field of a record. */
export function checkFields(engine: Engine): void {
  test(`${engine.name}: every field of a record is kept, and none appears that it did not have`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.changes(undefined, 0);
    const given = records();
    const stored = (await store.put(given)).records;
    expect(stored.map(({ seq: _seq, ...record }) => record)).toStrictEqual(given);
    for (const found of await readings(store, cursor)) expect(found).toStrictEqual(stored);
  });

  test(`${engine.name}: every field of a record is replaced with it, also by none`, async () => {
    const store = await useStore(engine);
    const { cursor } = await store.changes(undefined, 0);
    const given = records();
    const first = (await store.put(given.map((record) => ({ ...PROMPT, id: record.id })))).records;
    await store.put(given);
    const expected = given.map((record, i) => ({ ...record, seq: first[i]?.seq }));
    for (const found of await readings(store, cursor)) expect(found).toEqual(expected);
  });
}
