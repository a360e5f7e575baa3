import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Rejection } from '../../model/rejections.js';
import { sameSecret } from '../../security/same-secret.js';
import type { NewRecord } from '../../model/stored-record.js';
import { allowLocalOrigins, toRejection, TRACE_HEADERS } from '../ingest-request.js';
import { parseItems, type ItemKind } from './parse-items.js';
import type { ValidationError } from '../../model/validation-error.js';

export interface IngestionOptions {
  /** The only key that is accepted. Default: any key that is not empty. */
  readonly apiKey?: string | undefined;
  /** Resolves when the records are stored. */
  readonly onRecords: (records: readonly NewRecord[]) => Promise<void>;
  readonly onRejection: (rejection: Omit<Rejection, 'id'>) => void;
}

/** Largest request body. The limit of the hosted service is not known. */
export const MAX_BODY_BYTES = 5 * 1024 * 1024;

/** Routes of the Trubrics ingestion API. Responses are those of a FastAPI service. */
export function ingestionRoutes(options: IngestionOptions): Hono {
  const app = new Hono();
  app.use(allowLocalOrigins(['content-type', 'x-api-key', ...TRACE_HEADERS]));
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (c) => refuse(c, options, 413, `Request body is larger than ${MAX_BODY_BYTES} bytes`),
    }),
  );
  app.post('/publish_llm_events', (c) => publish(c, 'prompt', options));
  app.post('/publish_events', (c) => publish(c, 'event', options));
  return app;
}

async function publish(c: Context, kind: ItemKind, options: IngestionOptions): Promise<Response> {
  const problem = checkHeaders(c, options.apiKey);
  if (problem) return refuse(c, options, problem.status, problem.detail);
  const body = parseJson(await c.req.text());
  if (!body.isValid) return refuse(c, options, 422, [body.error]);
  const parsed = parseItems(body.value, kind, new Date());
  if (!parsed.isValid) return refuse(c, options, 422, parsed.errors);
  await options.onRecords(parsed.records);
  return c.json({ status: 'ok', received: parsed.records.length });
}

type HeaderProblem = { readonly status: 401 | 415; readonly detail: string };

function checkHeaders(c: Context, apiKey: string | undefined): HeaderProblem | undefined {
  const given = c.req.header('x-api-key');
  if (!given) return { status: 401, detail: 'Missing API key: send it in the header x-api-key' };
  if (apiKey !== undefined && !sameSecret(given, apiKey)) return { status: 401, detail: 'Invalid API key' };
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
  status: 401 | 413 | 415 | 422,
  detail: string | readonly ValidationError[],
): Response {
  options.onRejection(toRejection(c, status, detail));
  return c.json({ detail }, status);
}

type ParsedJson =
  | { readonly isValid: true; readonly value: unknown }
  | { readonly isValid: false; readonly error: ValidationError };

function parseJson(text: string): ParsedJson {
  try {
    return { isValid: true, value: JSON.parse(text) };
  } catch {
    return {
      isValid: false,
      error: { type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error', input: {} },
    };
  }
}
