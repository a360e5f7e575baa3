import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Rejection } from '../model/intake/rejections.js';
import { asRecord, hasMethod } from '../../common/unknown-values.js';
import { isLoopbackOrigin } from '../security/loopback.js';

const MAX_USER_AGENT = 120;

/** `user-agent` of the command `doctor`, which sends an empty list to learn whether a key is accepted. Its requests are not listed. */
export const DOCTOR_AGENT = 'opentelemetry-exporter-trubrics-doctor';

/** Seconds after which a request may be sent again: when too many were received at the same time, and when the store fails. */
export const RETRY_BUSY_AFTER = '1';
export const RETRY_FAILED_AFTER = '5';

/** Headers that tracing libraries add to all requests of a browser. */
export const TRACE_HEADERS = ['traceparent', 'tracestate', 'baggage'];

/** Headers of requests that an application sends. */
export const INGEST_HEADERS = [
  'content-type',
  'content-encoding',
  'x-api-key',
  'authorization',
  ...TRACE_HEADERS,
];

/**
 * Lets web applications on this machine post with these headers. Routes without it are closed to them. Credentials are allowed,
 * because `navigator.sendBeacon`, which exporters use when a page closes, always asks for them; they are not read.
 */
export function allowLocalOrigins(allowHeaders: string[]): MiddlewareHandler {
  const allow = cors({
    origin: (origin) => (isLoopbackOrigin(origin) ? origin : null),
    allowMethods: ['POST'],
    allowHeaders,
    credentials: true,
  });
  // Only browsers send `Origin`. For others the headers say nothing, and Hono makes the response a second time to add them.
  return (c, next) =>
    c.req.method === 'POST' && c.req.header('origin') === undefined ? next() : allow(c, next);
}

/** Describes a refused request for the page and the terminal. */
export function toRejection(c: Context, status: number, detail: Rejection['detail']): Omit<Rejection, 'id'> {
  const userAgent = c.req.header('user-agent')?.slice(0, MAX_USER_AGENT);
  return {
    at: new Date().toISOString(),
    path: c.req.path,
    status,
    detail,
    ...(userAgent && { userAgent }),
  };
}

/** Returns the keys that a request shows: as `x-api-key`, and as `Authorization: Bearer …`. */
export function shownKeys(c: Context): readonly string[] {
  const bearer = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  return [c.req.header('x-api-key'), bearer].filter((key) => key !== undefined && key !== '') as string[];
}

/** Tells the server around the routes how many records of this request were stored, if it wants to know. */
export function countAccepted(c: Context, records: number): void {
  const environment = asRecord(c.env);
  if (hasMethod(environment, 'onAccepted')) environment.onAccepted(records);
}
