import { Hono, type Context } from 'hono';
import type { Rejection } from '../../model/intake/rejections.js';
import { sameSecret } from '../../security/same-secret.js';
import type { ByteBudget } from '../body/byte-budget.js';
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
import type { TraceBuffer } from './joining/trace-buffer.js';
import type { LateContent } from './late/late-content.js';
import { encodeStatus, encodeSuccess, type OtlpType } from './otlp-response.js';
import { partialSuccess } from './partial-success.js';
import type { FoundRecorder, Recorded } from './record-found.js';
import { LOGS, TRACES, type DecodedRequest, type Signal } from './signals.js';

export interface OtlpOptions {
  /** Required as `x-api-key` or `Authorization: Bearer …`. Default: no key, because exporters send none by default. */
  readonly apiKey?: string | undefined;
  readonly budget: ByteBudget;
  readonly traces: TraceBuffer;
  readonly recorder: FoundRecorder;
  readonly content: LateContent;
  readonly onRejection: (rejection: Omit<Rejection, 'id'>) => void;
}

/** Largest body, before and after decompression. The Collector's receiver has the same default. */
export const MAX_OTLP_BYTES = 20 * 1024 * 1024;

/** Interval between warnings: an instrumentation without content causes one in every request. */
const WARN_EVERY_MS = 60_000;

/**
 * OTLP/HTTP for traces and logs: `POST /v1/traces` and `/v1/logs`, protobuf or JSON. LLM spans become records, evaluations become events.
 * Other spans add user and thread, log records of GenAI events add prompts and answers.
 */
export function otlpRoutes(options: OtlpOptions): Hono {
  const app = new Hono();
  const receiver: Receiver = { ...options, nextWarning: 0, unmatchedTold: 0, hasLogs: false };
  app.use(allowLocalOrigins(INGEST_HEADERS));
  for (const signal of [TRACES, LOGS]) {
    app.post(`/${signal.name}`, (c) => receive(c, receiver, signal));
    app.all(`/${signal.name}`, (c) => c.text('Only POST is answered here', 405, { allow: 'POST' }));
  }
  return app;
}

interface Receiver extends OtlpOptions {
  /** Milliseconds since 1970. */
  nextWarning: number;
  /** Log records without a span that were reported. */
  unmatchedTold: number;
  /** True if log records came: they may bring the content that spans lack. */
  hasLogs: boolean;
}

async function receive(c: Context, receiver: Receiver, signal: Signal): Promise<Response> {
  const type = typeOf(c);
  const refuse = (status: 400 | 401 | 413 | 415 | 429, problem: string): Response => {
    receiver.onRejection(toRejection(c, status, problem));
    if (status === 429) c.header('retry-after', RETRY_BUSY_AFTER);
    // Without a known type, the response is plain text.
    return type ? respond(c, status, type, encodeStatus(type, problem)) : c.text(problem, status);
  };
  if (!isAllowed(c, receiver.apiKey)) return refuse(401, 'Missing or wrong API key: send it as x-api-key');
  if (!type) return refuse(415, 'Content-Type must be application/x-protobuf or application/json');
  const limits = { maxBytes: MAX_OTLP_BYTES, budget: receiver.budget };
  const body = await readBody(c.req.raw, limits, c.req.header('content-encoding'));
  if ('problem' in body) {
    if (body.isCut) c.header('connection', 'close');
    return refuse(body.status, body.problem);
  }
  try {
    const decoded = decode(signal, type, body.bytes);
    if (!decoded) return refuse(400, `The body is no ${signal.name} export request in ${type}`);
    return await store(c, receiver, { signal, type, decoded });
  } finally {
    body.release();
  }
}

interface ReceivedRequest {
  readonly signal: Signal;
  readonly type: OtlpType;
  readonly decoded: DecodedRequest;
}

async function store(
  c: Context,
  receiver: Receiver,
  { signal, type, decoded }: ReceivedRequest,
): Promise<Response> {
  const found = receiver.traces.add(decoded.spans, decoded.logs);
  let recorded: Recorded;
  try {
    recorded = await receiver.recorder.record(found, decoded.logs);
    const joined = await receiver.content.take(found);
    countAccepted(c, recorded.records + joined);
  } catch {
    c.header('retry-after', RETRY_FAILED_AFTER);
    return respond(
      c,
      503,
      type,
      encodeStatus(type, 'The records could not be stored: send them again later'),
    );
  }
  const { losses, withoutResult } = decoded;
  receiver.hasLogs ||= decoded.logs.length > 0 || receiver.content.hasLogs;
  const partial = partialSuccess(signal, losses, {
    unreadable: found.unreadable,
    withoutContent: receiver.hasLogs ? 0 : recorded.withoutContent,
    withoutResult,
    withoutTarget: recorded.withoutTarget,
  });
  warn(c, receiver, partial?.errorMessage);
  return respond(c, 200, type, encodeSuccess(type, partial));
}

function typeOf(c: Context): OtlpType | undefined {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  return type === 'application/json' || type === 'application/x-protobuf' ? type : undefined;
}

function isAllowed(c: Context, apiKey: string | undefined): boolean {
  return apiKey === undefined || shownKeys(c).some((given) => sameSecret(given, apiKey));
}

function decode(signal: Signal, type: OtlpType, bytes: Uint8Array): DecodedRequest | undefined {
  try {
    return signal.decode(type, bytes);
  } catch {
    return undefined;
  }
}

/** Reports what was accepted and is of no use, once a minute. */
function warn(c: Context, receiver: Receiver, problem: string | undefined): void {
  const { unmatched } = receiver.traces.logCounts();
  if ((problem === undefined && unmatched === receiver.unmatchedTold) || Date.now() < receiver.nextWarning)
    return;
  receiver.nextWarning = Date.now() + WARN_EVERY_MS;
  const lost = unmatched - receiver.unmatchedTold;
  receiver.unmatchedTold = unmatched;
  const details = [
    problem,
    lost > 0 ? `${lost} log record(s) of LLM calls whose span did not come` : undefined,
  ];
  receiver.onRejection(toRejection(c, 200, details.filter((detail) => detail !== undefined).join('; ')));
}

/** The content type is set exactly, because the Collector compares it as text. */
function respond(
  c: Context,
  status: 200 | 400 | 401 | 413 | 415 | 429 | 503,
  type: OtlpType,
  body: Uint8Array<ArrayBuffer>,
): Response {
  return c.body(body, status, { 'content-type': type });
}
