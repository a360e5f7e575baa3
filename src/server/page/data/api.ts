import type { RenameAnswer } from '../../insights/labels/rename-answer.js';
import type { ErasureReport } from '../../model/privacy/erasure-report.js';
import type { StoredRecord } from '../../model/stored-record.js';
import type { DatasetPage, NewItem, Shape } from '../../datasets/dataset-page.js';
import type { StoredDocument } from '../../engines/document-store.js';
import type { ApiResponse, Resource } from '../../http/answers/api-responses.js';
import { refusalOf } from '../live/event-stream.js';
import { ApiError, toApiError } from './api-error.js';
import { toServerUrl } from '../browser/base-path.js';
import { inTimeZone } from '../browser/time-zone.js';

export type { ApiResponse, Resource };

/** A request that takes longer has failed: the server keeps its answers below a second. */
const TIMEOUT_MS = 30_000;

/** Fetches `/api/<resource>`. @throws ApiError with the message of the server when the status is not 2xx. */
export async function getResource<R extends Resource>(
  resource: R,
  query: string,
  signal?: AbortSignal,
): Promise<ApiResponse<R>> {
  return (await request(`/api/${resource}?${inTimeZone(query)}`, { signal })) as ApiResponse<R>;
}

export async function getRecord(id: string, signal?: AbortSignal): Promise<StoredRecord> {
  return (await request(recordUrl(id), { signal })) as StoredRecord;
}

export async function deleteRecord(id: string): Promise<void> {
  await request(recordUrl(id), { method: 'DELETE' });
}

export async function deleteRecords(): Promise<void> {
  await request('/api/records', { method: 'DELETE' });
}

/** Returns what {@link forgetPerson} would delete. */
export async function getErasure(user: string): Promise<ErasureReport> {
  return (await request(`/api/erasure?${new URLSearchParams({ user }).toString()}`, {})) as ErasureReport;
}

export async function forgetPerson(user: string): Promise<ErasureReport> {
  const query = new URLSearchParams({ user }).toString();
  return (await request(`/api/records?${query}`, { method: 'DELETE' })) as ErasureReport;
}

/** Stores a document in place of that version; 0 for a new one. @throws ApiError, also if it was changed meanwhile */
export async function putDocument(
  kind: string,
  name: string,
  value: unknown,
  version: number,
): Promise<void> {
  await request(documentUrl(kind, name), {
    method: 'PUT',
    body: JSON.stringify(value),
    headers: { 'content-type': 'application/json', ...versionHeader(version) },
  });
}

/** Does what {@link putDocument} does with filters. */
export async function putFilters(
  kind: string,
  name: string,
  filters: readonly string[],
  version: number,
): Promise<void> {
  await putDocument(kind, name, { filters }, version);
}

/** Returns undefined if there is no such document. */
export async function getDocument(
  kind: string,
  name: string,
  signal?: AbortSignal,
): Promise<StoredDocument | undefined> {
  const query = new URLSearchParams({ only: name }).toString();
  const { documents } = (await request(`/api/documents/${kind}?${query}`, { signal })) as {
    readonly documents: readonly StoredDocument[];
  };
  return documents[0];
}

/**
 * Gives prompts with a category of intents another one. Repeat it while some are left.
 *
 * @param version that of the document with the categories
 * @throws ApiError, also if it was changed meanwhile
 */
export async function renameCategory(from: string, to: string, version: number): Promise<RenameAnswer> {
  const query = new URLSearchParams({ from, to }).toString();
  const init = { method: 'POST', headers: versionHeader(version) };
  return (await request(`/api/labels/rename?${query}`, init)) as RenameAnswer;
}

export async function deleteDocument(kind: string, name: string, version: number): Promise<void> {
  await request(documentUrl(kind, name), { method: 'DELETE', headers: versionHeader(version) });
}

/** Returns the first items of a data set, with their records. */
export async function getDataset(name: string, limit: number, signal?: AbortSignal): Promise<DatasetPage> {
  return (await request(`${datasetUrl(name)}?limit=${limit}`, { signal })) as DatasetPage;
}

/** Adds an answer, or changes its correction; '' takes that away. Makes the data set if there is none. */
export async function addToDataset(name: string, item: NewItem): Promise<void> {
  await request(`${datasetUrl(name)}/items`, {
    method: 'POST',
    body: JSON.stringify({ items: [item] }),
    headers: { 'content-type': 'application/json' },
  });
}

export async function removeFromDataset(name: string, recordId: string): Promise<void> {
  const query = new URLSearchParams({ record: recordId }).toString();
  await request(`${datasetUrl(name)}/items?${query}`, { method: 'DELETE' });
}

export function datasetExportUrl(name: string, shape: Shape): string {
  return toServerUrl(`${datasetUrl(name)}/export?shape=${shape}`);
}

function datasetUrl(name: string): string {
  return `/api/datasets/${encodeURIComponent(name)}`;
}

function versionHeader(version: number): Record<string, string> {
  return version === 0 ? { 'if-none-match': '*' } : { 'if-match': `"${version}"` };
}

function documentUrl(kind: string, name: string): string {
  return `/api/documents/${kind}/?${new URLSearchParams({ name }).toString()}`;
}

export function exportUrl(format: 'jsonl' | 'csv', query: string): string {
  return toServerUrl(`/api/export?format=${format}&${inTimeZone(query)}`);
}

/** @throws ApiError */
async function request(url: string, { signal, ...init }: RequestInit): Promise<unknown> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(toServerUrl(url), {
      ...init,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    if (!response.ok) throw new ApiError(await refusalOf(response), response.status);
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new ApiError('Something between this page and the server answered.');
    throw toApiError(error);
  }
}

/** A path cannot hold the ids "." and "..", because URLs leave them out. */
function recordUrl(id: string): string {
  return /^\.\.?$/.test(id)
    ? `/api/records/?id=${encodeURIComponent(id)}`
    : `/api/records/${encodeURIComponent(id)}`;
}
