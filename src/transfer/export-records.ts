import { asNumber, asRecord, asText, parseJson } from '../common/unknown-values.js';
import { backoffMs } from '../delivery/sending/backoff-breaker.js';
import { parseRetryAfter } from '../delivery/sending/retry-after.js';
import { QUERY_HEADER } from '../server/http/export/query-digest.js';
import { connectionFailure, detailOf, isTemporary, readerHeaders, refusalText } from './server-answers.js';
import { sleep } from './sending/sleep.js';

export interface ExportOptions {
  /** Address of the server with its project, without a slash at its end. */
  readonly base: string;
  readonly token?: string | undefined;
  readonly format: 'jsonl' | 'csv';
  /** Filters, as the API takes them. */
  readonly filters: URLSearchParams;
  /** Writes a piece of the export. Resolves when there is room for more. */
  readonly write: (text: string) => Promise<void>;
  /** State of an earlier export of the same records, after which this one goes on. JSON lines only. */
  readonly resume?: { readonly lines: number; readonly lastLine: string } | undefined;
  /** Digest of the filters, as the server gave it before: an export of other records is given up. */
  readonly query?: string | undefined;
  /** Called with the digest of the filters, before the first piece is written. */
  readonly onQuery?: (query: string) => Promise<void>;
  /** Throws away what was written. Undefined if that is not possible. */
  readonly restart?: (() => Promise<void>) | undefined;
  /** Time without an answer after which the export is given up. Milliseconds. */
  readonly giveUpMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (written: number, total: number | undefined) => void;
  readonly onWait?: (reason: string) => void;
}

const OTHER_RECORDS =
  'The filters mean other records now (a time zone, segment, topic or internal rule was changed): run it again from the beginning';

/** The server does not give the export. */
export class ExportFailedError extends Error {
  override readonly name = 'ExportFailedError';
  /** True if the same export may succeed later. */
  readonly isTemporary: boolean;
  /** True if what was written is the beginning of the export, after which it can go on. */
  readonly canGoOn: boolean;

  constructor(message: string, isTemporary: boolean, canGoOn = isTemporary) {
    super(message);
    this.isTemporary = isTemporary;
    this.canGoOn = canGoOn;
  }
}

/** A connection that broke, or a server that asks to wait. */
class BrokenExportError extends Error {
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Writes an export of a server, in the order of arrival. If the connection breaks, JSON lines go on after the last record that was written; CSV
 * begins anew, because its lines are no records.
 *
 * @returns the number of lines, the header of CSV included
 * @throws ExportFailedError
 */
export async function exportRecords(options: ExportOptions): Promise<number> {
  const total = await readTotal(options);
  const output = new ExportOutput(options, total);
  let lastProgressMs = Date.now();
  for (let failures = 1; ; failures++) {
    const before = output.lines;
    try {
      await copy(options, output);
      return output.lines;
    } catch (error) {
      if (!(error instanceof BrokenExportError)) throw error;
      if (output.lines > before) {
        failures = 1;
        lastProgressMs = Date.now();
      }
      const ms = Math.max(error.retryAfterMs ?? 0, backoffMs(failures, Math.random));
      if (options.signal.aborted) throw new ExportFailedError('interrupted', true);
      if (Date.now() + ms - lastProgressMs > options.giveUpMs)
        throw new ExportFailedError(`${options.base} does not answer (${error.message})`, true);
      options.onWait?.(error.message);
      await sleep(ms, options.signal);
      if (options.signal.aborted) throw new ExportFailedError('interrupted', true);
      await output.beginAgain();
    }
  }
}

async function copy(options: ExportOptions, output: ExportOutput): Promise<void> {
  const { base, format, filters } = options;
  const params = new URLSearchParams(filters);
  params.set('format', format);
  const response = await request(options, `${base}/api/export?${params.toString()}`);
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    await output.checkQuery(response.headers.get(QUERY_HEADER) ?? undefined);
    for (let next = await read(reader); next !== undefined; next = await read(reader))
      await output.write(decoder.decode(next, { stream: true }));
    await output.end();
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

async function read(reader: {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
}): Promise<Uint8Array | undefined> {
  try {
    const { done, value } = await reader.read();
    return done ? undefined : value;
  } catch (error) {
    throw new BrokenExportError(connectionFailure(error));
  }
}

/** @throws BrokenExportError, or ExportFailedError if repeating it is of no use. */
async function request({ base, token, signal }: ExportOptions, url: string): Promise<Response> {
  const init = { headers: readerHeaders(token), signal, redirect: 'manual' } as const;
  const response = await fetch(url, init).catch((error: unknown) => {
    throw new BrokenExportError(connectionFailure(error));
  });
  const { status } = response;
  if (status === 200) return response;
  const detail = await detailOf(response);
  if (isTemporary(status))
    throw new BrokenExportError(
      `answer ${status}`,
      parseRetryAfter(response.headers.get('retry-after'), Date.now()),
    );
  throw new ExportFailedError(refusalText(base, status, detail), false);
}

/** Returns the number of records that match, for the progress. Undefined if the server does not say. */
async function readTotal(options: ExportOptions): Promise<number | undefined> {
  const params = new URLSearchParams(options.filters);
  params.set('limit', '1');
  params.set('preview', '1');
  try {
    const response = await request(options, `${options.base}/api/records?${params.toString()}`);
    return asNumber(asRecord(await response.json())['total']);
  } catch (error) {
    if (error instanceof ExportFailedError) throw error;
    return undefined;
  }
}

/** Written part, in whole lines. */
class ExportOutput {
  readonly #options: ExportOptions;
  readonly #total: number | undefined;
  #rest = '';
  #lastLine = '';
  /** Id of the record after which the export goes on. */
  #skipTo: string | undefined;
  /** Undefined if the server does not say it. */
  #query: string | undefined;
  lines = 0;

  constructor(options: ExportOptions, total: number | undefined) {
    this.#options = options;
    this.#total = total;
    this.#query = options.query;
    if (!options.resume) return;
    this.lines = options.resume.lines;
    this.#lastLine = options.resume.lastLine;
    this.#skipTo = idOf(this.#lastLine);
  }

  /** @throws ExportFailedError if the filters mean other records than before */
  async checkQuery(query: string | undefined): Promise<void> {
    if (query === undefined || query === this.#query) return;
    if (this.#query !== undefined) throw new ExportFailedError(OTHER_RECORDS, true, false);
    this.#query = query;
    await this.#options.onQuery?.(query);
  }

  async write(text: string): Promise<void> {
    const end = text.lastIndexOf('\n') + 1;
    if (end === 0) {
      this.#rest += text;
      return;
    }
    const whole = this.#rest + text.slice(0, end);
    this.#rest = text.slice(end);
    const fresh = this.#withoutWritten(whole);
    if (fresh === '') return;
    await this.#options.write(fresh);
    this.#lastLine = fresh.slice(fresh.lastIndexOf('\n', fresh.length - 2) + 1);
    this.lines += fresh.split('\n').length - 1;
    this.#options.onProgress?.(this.lines, this.#total);
  }

  async end(): Promise<void> {
    if (this.#skipTo !== undefined) throw this.#lost();
    if (this.#rest !== '') await this.#options.write(this.#rest);
  }

  /** Prepares for the same export from its beginning. */
  async beginAgain(): Promise<void> {
    this.#rest = '';
    if (this.lines === 0) return;
    if (this.#options.format === 'jsonl') {
      this.#skipTo = idOf(this.#lastLine);
      return;
    }
    if (!this.#options.restart)
      throw new ExportFailedError('The connection broke, and CSV cannot go on: write it to a file', true);
    await this.#options.restart();
    this.lines = 0;
    this.#query = this.#options.query;
  }

  #withoutWritten(whole: string): string {
    if (this.#skipTo === undefined) return whole;
    const lines = whole.split('\n');
    const at = lines.findIndex((line) => line !== '' && idOf(line) === this.#skipTo);
    if (at === -1) return '';
    this.#skipTo = undefined;
    return lines.slice(at + 1).join('\n');
  }

  #lost(): ExportFailedError {
    return new ExportFailedError(
      'The connection broke, and the record after which the export goes on was deleted meanwhile: run it again from the beginning',
      true,
      false,
    );
  }
}

function idOf(line: string): string | undefined {
  return asText(asRecord(parseJson(line))['id']);
}
