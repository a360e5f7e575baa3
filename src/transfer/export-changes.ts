import { backoffMs } from '../delivery/sending/backoff-breaker.js';
import { parseRetryAfter } from '../delivery/sending/retry-after.js';
import type { ChangePage } from '../server/engines/record-store.js';
import { QUERY_HEADER } from '../server/http/export/query-digest.js';
import { ExportFailedError, exportRecords, type ExportOptions } from './export-records.js';
import { connectionFailure, detailOf, isTemporary, readerHeaders, refusalText } from './server-answers.js';
import { sleep } from './sending/sleep.js';

/** Records of a page. */
const PAGE = 1000;

export interface ChangesExport {
  /** Cursor of an earlier export. Undefined: everything is exported. */
  readonly cursor: string | undefined;
}

/** Result of an export of changes. */
export interface ExportedChanges {
  /** Cursor at which the next export goes on. */
  readonly cursor: string;
  readonly records: number;
  readonly removed: number;
  /** True if all records were exported, and not what has changed. */
  readonly isFull: boolean;
}

type Options = Omit<ExportOptions, 'format' | 'resume' | 'restart' | 'query' | 'onQuery'> & ChangesExport;

/**
 * Writes what has changed on a server since an earlier export, as JSON lines: a record that is new or was replaced, as it is now; `{"removed": […]}` with ids of removed
 * ones; `{"reset": true}` before all records, if the server does not know any more what has changed. A change may be told twice.
 *
 * @throws ExportFailedError
 */
export async function exportChanges(options: Options): Promise<ExportedChanges> {
  if (options.cursor === undefined) return exportAll(options);
  let [cursor, records, removed] = [options.cursor, 0, 0];
  for (;;) {
    const { page } = await readPage(options, cursor);
    if (!page.isComplete) {
      // Records of earlier pages are written anew.
      await options.write(`${JSON.stringify({ reset: true })}\n`);
      return exportAll(options);
    }
    // Removals first, so that a record that was put again is not removed.
    const lines = page.removed.length > 0 ? [JSON.stringify({ removed: page.removed })] : [];
    for (const record of page.records) lines.push(JSON.stringify(record));
    if (lines.length > 0) await options.write(`${lines.join('\n')}\n`);
    records += page.records.length;
    removed += page.removed.length;
    options.onProgress?.(records, undefined);
    cursor = page.cursor;
    if (!page.hasMore) return { cursor, records, removed, isFull: false };
  }
}

/** The cursor is read first: what changes while the records are read is told by the next export. */
async function exportAll(options: Options): Promise<ExportedChanges> {
  const { page, query } = await readPage(options, undefined);
  const records = await exportRecords({ ...options, format: 'jsonl', query });
  return { cursor: page.cursor, records, removed: 0, isFull: true };
}

/** Reads a page, over broken connections. @throws ExportFailedError */
async function readPage(options: Options, since: string | undefined): Promise<PageAnswer> {
  const { base, signal, giveUpMs } = options;
  const startedAt = Date.now();
  for (let failures = 1; ; failures++) {
    const answer = await ask(options, since);
    if ('page' in answer) return answer;
    if (signal.aborted) throw new ExportFailedError('interrupted', true, false);
    const ms = Math.max(answer.retryAfterMs ?? 0, backoffMs(failures, Math.random));
    if (Date.now() + ms - startedAt > giveUpMs)
      throw new ExportFailedError(`${base} does not answer (${answer.reason})`, true, false);
    options.onWait?.(answer.reason);
    await sleep(ms, signal);
  }
}

interface PageAnswer {
  readonly page: ChangePage;
  /** Digest of the filters. Undefined if the server does not give it. */
  readonly query: string | undefined;
}

type Answer = PageAnswer | { readonly reason: string; readonly retryAfterMs?: number | undefined };

/** @throws ExportFailedError if repeating the request is of no use */
async function ask({ base, token, filters, signal }: Options, since: string | undefined): Promise<Answer> {
  const params = new URLSearchParams(filters);
  params.set('limit', String(PAGE));
  if (since !== undefined) params.set('cursor', since);
  try {
    const url = `${base}/api/changes?${params.toString()}`;
    const response = await fetch(url, { headers: readerHeaders(token), signal, redirect: 'manual' });
    if (response.ok) {
      const query = response.headers.get(QUERY_HEADER) ?? undefined;
      return { page: (await response.json()) as ChangePage, query };
    }
    const { status } = response;
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
    if (isTemporary(status)) return { reason: `answer ${status}`, retryAfterMs };
    throw new ExportFailedError(refusalText(base, status, await detailOf(response)), false);
  } catch (error) {
    if (error instanceof ExportFailedError) throw error;
    return { reason: connectionFailure(error) };
  }
}
