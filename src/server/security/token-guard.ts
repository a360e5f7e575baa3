import { timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { readerGuard, type ReaderVariables } from './reader-guard.js';
import type { Reader } from './reader.js';
import { tokenDigest } from './session.js';

const REQUIRED = 'Token required: open the address that the server printed at its start';
const ADVICE = 'Open the address that the server printed at its start: it ends in <code>?token=…</code>';

/**
 * Requires the only token of a server. Browsers share cookies between ports, so the cookie is named for the port. `exemptPaths` are prefixes
 * of the ingestion paths, which check the API key themselves.
 */
export function tokenGuard(
  token: string,
  exemptPaths: readonly string[],
  basePath = '',
): MiddlewareHandler<ReaderVariables> {
  const expected = tokenDigest(token);
  const reader: Reader = {
    access: 'token',
    projects: 'all',
    mayReadTexts: true,
    mayDelete: true,
    mayEdit: true,
  };
  return readerGuard({
    findByDigest: (digest) => (timingSafeEqual(digest, expected) ? reader : undefined),
    exemptPaths,
    basePathOf: () => basePath,
    cookieName: (c) => `trubrics_session_${new URL(c.req.url).port || 'default'}`,
    advice: ADVICE,
    detail: REQUIRED,
  });
}
