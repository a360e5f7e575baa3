import { asArray, asNumber, asRecord, asText, parseJson } from '../../common/unknown-values.js';
import { fetchInit } from '../../destinations/http/fetch.js';
import { parseRetryAfter } from '../../delivery/sending/retry-after.js';
import type { NewRecord } from '../../server/model/stored-record.js';
import { ImportRefusedError } from './import-error.js';
import { toIngestionItem } from './to-ingestion-item.js';

/** Target of an import. */
export interface ImportTarget {
  /** Address of the ingestion API, without a slash at its end. */
  readonly host: string;
  readonly apiKey: string;
}

/** Form in which the target takes records: whole, as this package's server does, or as prompts and events of the ingestion API. */
export interface ImportForm {
  readonly name: 'records' | 'prompts' | 'events';
  readonly path: string;
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly encode: (record: NewRecord) => string;
}

export const RECORDS: ImportForm = {
  name: 'records',
  path: 'import_records',
  maxItems: 1000,
  maxBytes: 4_000_000,
  encode: (record) => JSON.stringify(record),
};

const INGESTION = {
  // The documented limit of the API, and the bytes that the exporter sends at most.
  maxItems: 100,
  maxBytes: 900_000,
  encode: (record: NewRecord) => JSON.stringify(toIngestionItem(record)),
} as const;

export const PROMPTS: ImportForm = { name: 'prompts', path: 'publish_llm_events', ...INGESTION };
export const EVENTS: ImportForm = { name: 'events', path: 'publish_events', ...INGESTION };

/** Outcome of one request. */
export type ImportAnswer =
  | { readonly kind: 'taken'; readonly stored?: number | undefined; readonly known?: number | undefined }
  /** Some items were refused, and nothing was stored. Without indexes, it is not known which. */
  | { readonly kind: 'invalid'; readonly reasons: ReadonlyMap<number, string> }
  | { readonly kind: 'too-large' }
  /** There is no such path. */
  | { readonly kind: 'missing' }
  | { readonly kind: 'busy'; readonly reason: string; readonly retryAfterMs?: number | undefined };

const REQUEST_TIMEOUT_MS = 60_000;

/**
 * Sends one request.
 *
 * @throws ImportRefusedError if the target will refuse all requests, for instance because of the key.
 */
export async function sendImport(
  { host, apiKey }: ImportTarget,
  form: ImportForm,
  items: readonly string[],
  signal: AbortSignal,
): Promise<ImportAnswer> {
  const request = {
    ...fetchInit(),
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
    body: `[${items.join(',')}]`,
    redirect: 'manual' as const,
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  };
  try {
    const response = await fetch(`${host}/${form.path}`, request);
    return answerOf(response, await response.text(), host);
  } catch (error) {
    if (error instanceof ImportRefusedError) throw error;
    return { kind: 'busy', reason: failureOf(error) };
  }
}

function answerOf(response: Response, body: string, host: string): ImportAnswer {
  const { status } = response;
  if (status >= 200 && status < 300) return takenOf(body);
  if (status === 404 || status === 405) return { kind: 'missing' };
  if (status === 413) return { kind: 'too-large' };
  if (status === 400 || status === 422) return { kind: 'invalid', reasons: reasonsIn(body) };
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
    return { kind: 'busy', reason: `answer ${status}`, retryAfterMs };
  }
  if (status === 401 || status === 403)
    throw new ImportRefusedError(`${host} refuses the key (${status}): set TRUBRICS_API_KEY`);
  throw new ImportRefusedError(`${host} answers ${status}: is it the address of an ingestion API?`);
}

function takenOf(body: string): ImportAnswer {
  const { stored, known } = asRecord(parseJson(body));
  return { kind: 'taken', stored: asNumber(stored), known: asNumber(known) };
}

/** Reads the errors of a FastAPI service: the field and the message of each item, without its content. */
function reasonsIn(body: string): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>();
  for (const error of asArray(asRecord(parseJson(body))['detail'])) {
    const { loc, msg } = asRecord(error);
    const [root, index, ...field] = asArray(loc);
    if (root !== 'body' || typeof index !== 'number' || reasons.has(index)) continue;
    reasons.set(index, [field.join('.'), asText(msg)].filter(Boolean).join(': '));
  }
  return reasons;
}

/** Returns a short reason for a failed request, such as `ECONNREFUSED`. */
function failureOf(error: unknown): string {
  const { cause, name } = asRecord(error);
  return asText(asRecord(cause)['code']) ?? (name === 'TimeoutError' ? 'no answer' : 'connection failed');
}
