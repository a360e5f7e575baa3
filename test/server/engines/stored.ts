import { onTestFinished } from 'vitest';
import type { RecordLines } from '../../../src/server/engines/record-store.js';
import type { NewRecord, RecordQuery, RecordStore, StoredRecord } from '../../../src/server/index.js';
import type { Engine } from './engine.js';

export const START = Date.UTC(2026, 0, 2);

/** A prompt whose fields follow from its number. */
export function numbered(id: number, latency?: number) {
  const timestamp = new Date(START + id * 1000).toISOString();
  return {
    kind: 'prompt' as const,
    id: String(id),
    userId: `user-${id % 3}`,
    ...(id % 4 > 0 && { threadId: `thread-${id % 4}` }),
    prompt: `p${id}`,
    generation: 'g',
    ...(id % 5 > 0 && { assistantId: `model-${id % 2}` }),
    ...(latency !== undefined && { latency }),
    timestamp,
    receivedAt: timestamp,
    tags: id % 2 === 0 ? ['even', 'all'] : ['all'],
    properties: { input_tokens: id, environment: id % 2 === 0 ? 'dev' : 'prod' },
  } satisfies NewRecord;
}

export function event(id: string, name: string, properties: NewRecord['properties'] = {}): NewRecord {
  const timestamp = new Date(START).toISOString();
  return {
    kind: 'event',
    id,
    userId: 'cleo',
    event: name,
    timestamp,
    receivedAt: timestamp,
    tags: [],
    properties,
  };
}

/** All records in order of arrival. */
export async function exported(store: RecordStore, query: RecordQuery = {}): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for await (const chunk of store.export(query)) records.push(...chunk);
  return records;
}

/** The same from the JSON lines of an engine that writes them; else what `exported` returns. */
export async function exportedAsLines(store: RecordStore, query: RecordQuery = {}): Promise<StoredRecord[]> {
  if (!store.exportLines) return exported(store, query);
  const records: StoredRecord[] = [];
  for await (const chunk of store.exportLines(query)) records.push(...recordsIn(chunk));
  return records;
}

export function recordsIn({ bytes, length }: RecordLines): StoredRecord[] {
  const lines = Buffer.from(bytes).toString().split('\n');
  if (lines.pop() !== '' || lines.length !== length) throw new Error(`${lines.length} lines, not ${length}`);
  return lines.map((line) => JSON.parse(line) as StoredRecord);
}

export async function idsOf(store: RecordStore, query: RecordQuery = {}): Promise<string[]> {
  return (await exported(store, query)).map(({ id }) => id);
}

export async function getOne(store: RecordStore, id: string): Promise<StoredRecord | undefined> {
  return (await store.get([id])).get(id);
}

export async function useStore(
  engine: Engine,
  limits?: { readonly maxRecords: number },
): Promise<RecordStore> {
  const store = await engine.open(limits);
  onTestFinished(() => store.close());
  return store;
}
