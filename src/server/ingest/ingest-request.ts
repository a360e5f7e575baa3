import type { Context, MiddlewareHandler } from 'hono';
import { cors } from 'hono/cors';
import type { Rejection } from '../model/rejections.js';
import { isLoopbackOrigin } from '../security/loopback.js';

const MAX_USER_AGENT = 120;

/** Seconds after which a request may be sent again: when too many were received at the same time, and when the store fails. */
export const RETRY_BUSY_AFTER = '1';
export const RETRY_FAILED_AFTER = '5';

/** Headers that tracing libraries add to all requests of a browser. */
export const TRACE_HEADERS = ['traceparent', 'tracestate', 'baggage'];

/**
 * Lets web applications on this machine post with these headers. Routes without it are closed to them. Credentials are allowed,
 * because `navigator.sendBeacon`, which exporters use when a page closes, always asks for them; they are not read.
 */
export function allowLocalOrigins(allowHeaders: string[]): MiddlewareHandler {
  return cors({
    origin: (origin) => (isLoopbackOrigin(origin) ? origin : null),
    allowMethods: ['POST'],
    allowHeaders,
    credentials: true,
  });
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
