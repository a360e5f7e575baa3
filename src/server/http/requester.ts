import type { Context } from 'hono';
import { asRecord, asText } from '../../common/unknown-values.js';
import type { Requester } from '../model/privacy/audit.js';

/** Longest name and user agent that are noted. */
const MAX_LENGTH = 120;

/** Returns what is known of the sender of a request. Without a server around the handler, there is no environment. */
export function requesterOf(c: Context, access: Requester['access'], name?: string): Requester {
  const address = addressOf(c);
  const userAgent = c.req.header('user-agent')?.slice(0, MAX_LENGTH);
  return {
    access,
    ...(name !== undefined && { name: name.slice(0, MAX_LENGTH) }),
    ...(address !== undefined && { address }),
    ...(userAgent !== undefined && { userAgent }),
  };
}

export function addressOf(c: Context): string | undefined {
  return asText(asRecord(c.env)['address']);
}
