import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { ANONYMOUS } from '../model/identity.js';
import type { PromptRecord, PropertyValue } from '../model/prompt-record.js';

/** Turns a user's id into a pseudonym. */
export type UserIdHash = (userId: string) => string;

/** Pseudonyms that are remembered: most records come from few users. */
const MAX_REMEMBERED = 1_000;

/**
 * HMAC-SHA-256 of user ids, in hexadecimal. The same id and secret give the same pseudonym in every process, and without the
 * secret nobody can try ids. `"anonymous"` stays what it is. (Web Crypto is asynchronous: spans end synchronously.)
 */
export function userIdHash(secret: string): UserIdHash {
  const key = utf8ToBytes(secret);
  const known = new Map<string, string>();
  return (userId) => {
    if (userId === ANONYMOUS) return userId;
    const before = known.get(userId);
    if (before !== undefined) return before;
    const hashed = bytesToHex(hmac(sha256, key, utf8ToBytes(userId)));
    if (known.size >= MAX_REMEMBERED) known.clear();
    known.set(userId, hashed);
    return hashed;
  };
}

/** The record under the user's pseudonym, which also takes the place of the id in tags and properties that repeat it. */
export function withHashedUser(record: PromptRecord, hash: UserIdHash): PromptRecord {
  const { userId } = record;
  const hashed = hash(userId);
  if (hashed === userId) return record;
  return {
    ...record,
    userId: hashed,
    tags: record.tags.map((tag) => (tag === userId ? hashed : tag)),
    properties: Object.fromEntries(
      Object.entries(record.properties).map(([name, value]) => [name, replace(value, userId, hashed)]),
    ),
  };
}

function replace(value: PropertyValue, from: string, to: string): PropertyValue {
  if (value === from) return to;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return (value as readonly PropertyValue[]).map((item) => replace(item, from, to));
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, replace(member, from, to)]));
}
