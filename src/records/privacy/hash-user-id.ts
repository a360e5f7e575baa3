import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ANONYMOUS, type PromptRecord } from '../model/prompt-record.js';
import { mapMemberTexts } from '../text/map-texts.js';

/** Function from a user's id to a pseudonym. */
export type UserIdHash = (userId: string) => string;

/** Number of cached pseudonyms. Most records come from few users. */
const MAX_REMEMBERED = 1_000;

/**
 * Returns a function that computes the HMAC-SHA-256 of a user's id, in hexadecimal. The same id and secret give the same pseudonym in
 * every process. Without the secret nobody can test guessed ids. `"anonymous"` is not hashed.
 *
 * Not Web Crypto, because that is asynchronous and spans end synchronously.
 */
export function userIdHash(secret: string): UserIdHash {
  const key = utf8ToBytes(secret);
  const cache = new Map<string, string>();
  return (userId) => {
    if (userId === ANONYMOUS) return userId;
    const cached = cache.get(userId);
    if (cached !== undefined) return cached;
    const hashed = bytesToHex(hmac(sha256, key, utf8ToBytes(userId)));
    if (cache.size >= MAX_REMEMBERED) cache.clear();
    cache.set(userId, hashed);
    return hashed;
  };
}

/** Replaces the user's id by the pseudonym, in tags and properties that repeat the id too. */
export function withHashedUser(record: PromptRecord, hash: UserIdHash): PromptRecord {
  const { userId } = record;
  const hashed = hash(userId);
  if (hashed === userId) return record;
  return {
    ...record,
    userId: hashed,
    tags: record.tags.map((tag) => (tag === userId ? hashed : tag)),
    properties: mapMemberTexts(record.properties, (text) => (text === userId ? hashed : text)),
  };
}
