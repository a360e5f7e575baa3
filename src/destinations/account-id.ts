import { sha256 } from '../common/sha256.js';

/** Returns a hash of credentials, for `Destination.accountId`. The order of the parts counts. */
export function accountIdOf(...parts: readonly string[]): string {
  return sha256(JSON.stringify(parts));
}
