import { Hono, type Context } from 'hono';
import type { Rejection } from '../../model/rejections.js';
import { sameSecret } from '../../security/same-secret.js';
import type { NewRecord } from '../../model/stored-record.js';
import { allowLocalOrigins, toRejection, TRACE_HEADERS } from '../ingest-request.js';
import { decodeProtobuf } from './decode-protobuf.js';
import { encodeStatus, encodeSuccess, type OtlpType, type PartialSuccess } from './otlp-response.js';
import { readBody } from './read-body.js';
import { StoreOrder } from './store-order.js';
import { toNewRecord } from './to-new-record.js';
import { toSpans, type DecodedSpans, type Losses } from './to-spans.js';
import { TraceBuffer } from './trace-buffer.js';

export interface OtlpOptions {
  /** Required as `x-api-key` or `Authorization: Bearer …`. Default: no key, because exporters send none by default. */
  readonly apiKey?: string | undefined;
  /** Resolves when the records are stored. */
  readonly onRecords: (records: readonly NewRecord[], superseded: readonly string[]) => Promise<void>;
  readonly onRejection: (rejection: Omit<Rejection, 'id'>) => void;
}

/** Seconds after which an exporter retries. */
const RETRY_AFTER = '5';
/** Interval between warnings: an instrumentation without content causes one in every request. */
const WARN_EVERY_MS = 60_000;

/** OTLP/HTTP for traces: `POST /v1/traces`, protobuf or JSON. LLM spans become records; other spans only add user and thread. */
export function otlpRoutes(options: OtlpOptions): Hono {
  const app = new Hono();
  const receiver: Receiver = {
    ...options,
    traces: new TraceBuffer(),
    order: new StoreOrder(),
    nextWarning: 0,
  };
  app.use(
    allowLocalOrigins(['content-type', 'content-encoding', 'x-api-key', 'authorization', ...TRACE_HEADERS]),
  );
  app.post('/traces', (c) => exportTraces(c, receiver));
  app.all('/traces', (c) => c.text('Only POST is answered here', 405, { allow: 'POST' }));
  return app;
}

interface Receiver extends OtlpOptions {
  readonly traces: TraceBuffer;
  readonly order: StoreOrder;
  /** Milliseconds since 1970. */
  nextWarning: number;
}

async function exportTraces(c: Context, receiver: Receiver): Promise<Response> {
  const type = typeOf(c);
  const refuse = (status: 400 | 401 | 413 | 415, problem: string): Response => {
    report(c, receiver, status, problem);
    // Without a known type, the response is plain text.
    return type ? respond(c, status, type, encodeStatus(type, problem)) : c.text(problem, status);
  };
  if (!isAllowed(c, receiver.apiKey)) return refuse(401, 'Missing or wrong API key: send it as x-api-key');
  if (!type) return refuse(415, 'Content-Type must be application/x-protobuf or application/json');
  const body = await readBody(c.req.raw, c.req.header('content-encoding'));
  if ('problem' in body) return refuse(body.status, body.problem);
  const decoded = decode(type, body.bytes);
  if (!decoded) return refuse(400, `The body is no trace export request in ${type}`);

  const { calls, superseded, traceIds, unreadable, onStored } = receiver.traces.add(decoded.spans);
  const now = new Date().toISOString();
  const records = calls.flatMap((call) => toNewRecord(call, now) ?? []);
  try {
    await receiver.order.run(traceIds, () => receiver.onRecords(records, superseded));
    onStored();
  } catch {
    c.header('retry-after', RETRY_AFTER);
    return respond(c, 503, type, encodeStatus(type, 'The records could not be stored'));
  }
  const partial = partialSuccess(decoded.losses, unreadable, calls.length - records.length);
  if (partial) warn(c, receiver, partial);
  return respond(c, 200, type, encodeSuccess(type, partial));
}

function typeOf(c: Context): OtlpType | undefined {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  return type === 'application/json' || type === 'application/x-protobuf' ? type : undefined;
}

function isAllowed(c: Context, apiKey: string | undefined): boolean {
  if (apiKey === undefined) return true;
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  return [c.req.header('x-api-key'), bearer].some(
    (given) => given !== undefined && sameSecret(given, apiKey),
  );
}

function decode(type: OtlpType, bytes: Uint8Array): DecodedSpans | undefined {
  try {
    // A byte that is not UTF-8 becomes a replacement character, as in protobuf.
    const request: unknown =
      type === 'application/x-protobuf' ? decodeProtobuf(bytes) : JSON.parse(new TextDecoder().decode(bytes));
    return toSpans(request, Date.now());
  } catch {
    return undefined;
  }
}

/** Returns what explains missing records of a request that was accepted; undefined if nothing is missing. */
function partialSuccess(
  losses: Losses,
  unreadableCalls: number,
  withoutContent: number,
): PartialSuccess | undefined {
  const unreadable = losses.unreadable + unreadableCalls;
  const problems = [
    [losses.withoutIds, 'span(s) without a trace id and a span id'],
    [unreadable, 'span(s) that cannot be read'],
    [losses.values, 'value(s) left out, because they are malformed or nested too deep'],
    [
      withoutContent,
      'LLM span(s) without prompt and answer: set the instrumentation to record message content, ' +
        'for instance OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true',
    ],
  ] as const;
  const errorMessage = problems
    .flatMap(([count, text]) => (count > 0 ? [`${count} ${text}`] : []))
    .join('; ');
  const rejectedSpans = losses.withoutIds + unreadable;
  return errorMessage === '' ? undefined : { rejectedSpans, errorMessage };
}

function warn(c: Context, receiver: Receiver, { errorMessage }: PartialSuccess): void {
  if (Date.now() < receiver.nextWarning) return;
  receiver.nextWarning = Date.now() + WARN_EVERY_MS;
  report(c, receiver, 200, errorMessage);
}

function report(c: Context, options: OtlpOptions, status: number, detail: string): void {
  options.onRejection(toRejection(c, status, detail));
}

/** The content type is set exactly, because the Collector compares it as text. */
function respond(
  c: Context,
  status: 200 | 400 | 401 | 413 | 415 | 503,
  type: OtlpType,
  body: Uint8Array<ArrayBuffer>,
): Response {
  return c.body(body, status, { 'content-type': type });
}
