import type { DeliveryStats } from '../../../delivery/model/settlement.js';
import type { RecordList } from '../../engines/memory/list-records.js';
import type { ThreadList } from '../../engines/memory/list-threads.js';
import type { UserList } from '../../engines/memory/list-users.js';
import type { Statistics } from '../../engines/memory/statistics.js';
import type { Rejection } from '../../model/rejections.js';
import type { StoreUsage } from '../../engines/record-store.js';
import type { StoredRecord } from '../../model/stored-record.js';

/** Answers of the server, by path. */
interface Answers {
  records: RecordList;
  users: UserList;
  threads: ThreadList;
  stats: Statistics & { readonly store: StoreUsage; readonly forwarding: DeliveryStats | null };
  rejections: { readonly rejections: readonly Rejection[]; readonly total: number };
}

export type Resource = keyof Answers;
export type Answer<R extends Resource> = Answers[R];

export async function get<R extends Resource>(
  resource: R,
  query: string,
  signal?: AbortSignal,
): Promise<Answers[R]> {
  return (await request(`/api/${resource}?${query}`, { signal })) as Answers[R];
}

export async function getRecord(id: string, signal?: AbortSignal): Promise<StoredRecord> {
  return (await request(`/api/records/${encodeURIComponent(id)}`, { signal })) as StoredRecord;
}

export async function deleteRecord(id: string): Promise<void> {
  await request(`/api/records/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export async function deleteRecords(): Promise<void> {
  await request('/api/records', { method: 'DELETE' });
}

export function exportAddress(format: 'jsonl' | 'csv', query: string): string {
  return `/api/export?format=${format}&${query}`;
}

async function request(address: string, init: RequestInit): Promise<unknown> {
  const response = await fetch(address, init);
  if (response.ok) return response.json();
  const body: unknown = await response.json().catch(() => undefined);
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : undefined;
  throw new Error(typeof detail === 'string' ? detail : `The server answered ${response.status}`);
}
