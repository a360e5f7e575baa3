import { createHash, createHmac } from 'node:crypto';

/**
 * Returns what the cookie of a browser holds after its reader has shown a token once. It is derived from the token alone, so that any
 * server that knows the token accepts it; the token cannot be computed from it.
 */
export function sessionOf(token: string): string {
  return createHmac('sha256', token).update('trubrics session').digest('base64url');
}

/**
 * Returns the digest of a session, by which a server that does not know the token recognises both. Whoever reads the digest can compute
 * neither the token nor its session.
 */
export function sessionDigest(session: string): Buffer {
  return createHash('sha256').update(session).digest();
}

/** Returns the digest by which a token is recognised: that of its session. */
export function tokenDigest(token: string): Buffer {
  return sessionDigest(sessionOf(token));
}
