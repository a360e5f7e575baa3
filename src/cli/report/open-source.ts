import { existsSync } from 'node:fs';
import { createServer, MemoryStore, type RecordStore } from '../../server/index.js';
import { isSkip } from '../../transfer/formats/read-record.js';
import { readFiles } from '../../transfer/read-files.js';
import {
  connectionFailure,
  detailOf,
  isTemporary,
  readerHeaders,
  refusalText,
} from '../../transfer/server-answers.js';
import { CommandError, UNFINISHED } from '../command-error.js';
import { fileOf, storeOpener, storeProblem } from '../serve/open-store.js';
import { recogniseFiles } from '../transfer/import-command.js';
import type { ReportSource } from './report-options.js';

/** Something that answers as the JSON API. */
export interface OpenSource {
  /** Address, or names of files, without a password. */
  readonly name: string;
  /** @returns undefined if the reader may not see the answer */
  ask(path: string, params: URLSearchParams): Promise<unknown>;
  close(): Promise<void>;
}

/** Records of files: as many as fit into memory. */
const MAX_RECORDS = 10_000_000;
const MAX_BYTES = 2 ** 33;
/** Size of one request, well below the server's limit of 5 MB. */
const BATCH = { records: 1000, characters: 1_000_000 };

/** @throws CommandError */
export async function openSource(source: ReportSource): Promise<OpenSource> {
  switch (source.kind) {
    case 'server':
      return serverSource(source.base, source.token);
    case 'files':
      return filesSource(source.files);
    case 'store':
      return storeSource(source);
    default:
      return source satisfies never;
  }
}

function serverSource(base: string, token: string | undefined): OpenSource {
  const headers = readerHeaders(token);
  return {
    name: base,
    async ask(path, params) {
      const url = `${base}${path}?${params.toString()}`;
      const response = await fetch(url, { headers, redirect: 'manual' }).catch((error: unknown) => {
        throw new CommandError(`${base} does not answer (${connectionFailure(error)})`, UNFINISHED);
      });
      return answerOf(response, base);
    },
    close: () => Promise.resolve(),
  };
}

/** @throws CommandError */
async function answerOf(response: Response, name: string): Promise<unknown> {
  if (response.ok) return response.json().catch(() => undefined);
  const { status } = response;
  const detail = await detailOf(response);
  if (status === 403 && detail?.startsWith('You may see numbers') === true) return undefined;
  if (status === 400 && detail !== undefined) throw new CommandError(detail, 2);
  throw new CommandError(refusalText(name, status, detail), isTemporary(status) ? UNFINISHED : 1);
}

/** Answers from a store by a server that does not listen. */
function inProcess(store: RecordStore, name: string) {
  const server = createServer({ store });
  const fetchFrom = (path: string, init?: RequestInit): Promise<Response> =>
    server.fetch(new Request(`http://127.0.0.1${path}`, init));
  return {
    name,
    /** Returns the status. */
    post: async (path: string, body: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'x-api-key': 'report' };
      return (await fetchFrom(path, { method: 'POST', headers, body })).status;
    },
    ask: async (path: string, params: URLSearchParams): Promise<unknown> =>
      answerOf(await fetchFrom(`${path}?${params.toString()}`), name),
    close: () => server.close(),
  };
}

/** @throws CommandError */
async function storeSource({
  store,
  project,
}: Extract<ReportSource, { readonly kind: 'store' }>): Promise<OpenSource> {
  if (store.kind === 'file' && !existsSync(fileOf(store.path, project)))
    throw new CommandError(`There is no file ${fileOf(store.path, project)}`, 1);
  const open = storeOpener(store, {});
  if (open === 'gateway') throw new CommandError(`${store.shown} keeps nothing`, 2);
  try {
    return inProcess(await open(project), `${store.shown}, project ${project}`);
  } catch (error) {
    throw storeProblem(error, store) ?? error;
  }
}

/** Reads files into memory. They are not locked, so that the server that writes them may run. @throws CommandError */
async function filesSource(names: readonly string[]): Promise<OpenSource> {
  const files = await recogniseFiles(names);
  const source = inProcess(
    new MemoryStore({ maxRecords: MAX_RECORDS, maxBytes: MAX_BYTES }),
    names.join(', '),
  );
  let [batch, characters] = [[] as string[], 0];
  for await (const chunk of readFiles(files))
    for (const { read } of chunk) {
      if (isSkip(read)) continue;
      const text = JSON.stringify(read);
      batch.push(text);
      characters += text.length;
      if (batch.length < BATCH.records && characters < BATCH.characters) continue;
      await take(batch, source.post);
      [batch, characters] = [[], 0];
    }
  await take(batch, source.post);
  return source;
}

/** Hands records over. If some are refused, the others are taken: a report is no copy. */
async function take(
  records: readonly string[],
  post: (path: string, body: string) => Promise<number>,
): Promise<void> {
  if (records.length === 0) return;
  const status = await post('/api/ingestion/import_records', `[${records.join(',')}]`);
  if (status < 400 || records.length === 1) return;
  const middle = Math.ceil(records.length / 2);
  await take(records.slice(0, middle), post);
  await take(records.slice(middle), post);
}
