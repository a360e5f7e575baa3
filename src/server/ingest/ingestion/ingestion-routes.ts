import { Hono, type Context } from 'hono';
import type { Rejection } from '../../model/intake/rejections.js';
import { sameSecret } from '../../security/same-secret.js';
import type { NewRecord } from '../../model/stored-record.js';
import type { ByteBudget } from '../body/byte-budget.js';
import { parseJson } from '../body/parse-json.js';
import { readBody } from '../body/read-body.js';
import {
  allowLocalOrigins,
  countAccepted,
  INGEST_HEADERS,
  RETRY_BUSY_AFTER,
  RETRY_FAILED_AFTER,
  shownKeys,
  toRejection,
} from '../ingest-request.js';
import type { Taken } from '../intake.js';
import { parseItems, type ParsedItems } from './parse-items.js';
import { parseRecords } from './parse-records.js';
import type { ValidationError } from '../../model/intake/validation-error.js';

export interface IngestionOptions {
  /** The only key that is accepted, as `x-api-key` or `Authorization: Bearer …`. Default: any key that is not empty. */
  readonly apiKey?: string | undefined;
  readonly budget: ByteBudget;
  /** Resolves when the records are stored. */
  readonly onRecords: (records: readonly NewRecord[]) => Promise<Taken>;
  readonly onRejection: (rejection: Omit<Rejection, 'id'>) => void;
}

/** Largest request body. The limit of the hosted service is not known. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/**
 * Routes of the Trubrics ingestion API, and one of our own: `import_records` takes whole records, with the time at which they were
 * received. Responses are those of a FastAPI service.
 */
export function ingestionRoutes(options: IngestionOptions): Hono {
  const app = new Hono();
  app.use(allowLocalOrigins(INGEST_HEADERS));
  app.post('/publish_llm_events', (c) => publish(c, PROMPTS, options));
  app.post('/publish_events', (c) => publish(c, EVENTS, options));
  app.post('/import_records', (c) => publish(c, RECORDS, options));
  return app;
}

/** Body of a request to one route. */
interface Content {
  readonly parse: (body: unknown, now: Date) => ParsedItems;
  /** Members of the answer, besides those of the API. */
  readonly report?: (taken: Taken) => object;
}

const PROMPTS: Content = { parse: (body, now) => parseItems(body, 'prompt', now) };
const EVENTS: Content = { parse: (body, now) => parseItems(body, 'event', now) };
const RECORDS: Content = { parse: parseRecords, report: (taken) => taken };

async function publish(c: Context, { parse, report }: Content, options: IngestionOptions): Promise<Response> {
  const problem = checkHeaders(c, options.apiKey);
  if (problem) return refuse(c, options, problem.status, problem.detail);
  const limits = { maxBytes: MAX_BODY_BYTES, budget: options.budget };
  const body = await readBody(c.req.raw, limits);
  if ('problem' in body) {
    if (body.isCut) c.header('connection', 'close');
    if (body.status === 429) c.header('retry-after', RETRY_BUSY_AFTER);
    return refuse(c, options, body.status, body.problem);
  }
  try {
    const json = readJson(body.bytes);
    if (!json.isValid) return refuse(c, options, 422, [json.error]);
    const parsed = parse(json.value, new Date());
    if (!parsed.isValid) return refuse(c, options, 422, parsed.errors);
    return await store(c, parsed.records, options, report);
  } finally {
    body.release();
  }
}

async function store(
  c: Context,
  records: readonly NewRecord[],
  { onRecords }: IngestionOptions,
  report: Content['report'],
): Promise<Response> {
  try {
    const taken = await onRecords(records);
    countAccepted(c, records.length);
    return c.json({ status: 'ok', received: records.length, ...report?.(taken) });
  } catch {
    c.header('retry-after', RETRY_FAILED_AFTER);
    return c.json({ detail: 'The records could not be stored: send them again later' }, 503);
  }
}

type HeaderProblem = { readonly status: 401 | 415; readonly detail: string };

function checkHeaders(c: Context, apiKey: string | undefined): HeaderProblem | undefined {
  const given = shownKeys(c);
  if (given.length === 0) return { status: 401, detail: 'Missing API key: send it in the header x-api-key' };
  if (apiKey !== undefined && !given.some((key) => sameSecret(key, apiKey)))
    return { status: 401, detail: 'Invalid API key' };
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  // Browsers send this type to another origin only after a CORS preflight.
  if (type !== 'application/json') return { status: 415, detail: 'Content-Type must be application/json' };
  const encoding = c.req.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity')
    return { status: 415, detail: 'Content-Encoding is not supported: send the body uncompressed' };
  return undefined;
}

function refuse(
  c: Context,
  options: IngestionOptions,
  status: 400 | 401 | 413 | 415 | 422 | 429,
  detail: string | readonly ValidationError[],
): Response {
  options.onRejection(toRejection(c, status, detail));
  return c.json({ detail }, status);
}

type ParsedJson =
  | { readonly isValid: true; readonly value: unknown }
  | { readonly isValid: false; readonly error: ValidationError };

function readJson(bytes: Uint8Array): ParsedJson {
  try {
    return { isValid: true, value: parseJson(bytes) };
  } catch {
    return {
      isValid: false,
      error: { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {} },
    };
  }
}
