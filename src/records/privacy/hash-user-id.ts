/**
 * Replaces a user's id by a pseudonym, wherever a record or event repeats it: as a whole text, or as a word of at least four characters
 * in it. The words of prompt and generation are kept: there, a name is content, and `redact` decides about it.
 *
 * The table FIELDS names every field, so that a new one does not compile without a decision.
 */
import { hmacSha256 } from '../../common/sha256.js';
import { isList } from '../../common/unknown-values.js';
import { idPattern } from './id-spellings.js';
import { isMeasuredName } from './measured-names.js';
import {
  ANONYMOUS,
  type PromptRecord,
  type PropertyValue,
  type TrackedEvent,
} from '../model/prompt-record.js';

/** Function from a user's id to its pseudonym. `undefined`: the id is not hashed. */
export type UserIdHash = (userId: string) => Pseudonym | undefined;

/** Pseudonym of one user. */
export interface Pseudonym {
  readonly hashed: string;
  /** Returns a text in which the user's id is replaced by the pseudonym. */
  replaceIn(text: string): string;
  /** Returns true for the user's id as a number. */
  isSame(number: number): boolean;
}

/** Number of cached pseudonyms. Most records come from few users. */
const MAX_REMEMBERED = 1_000;
/** Shorter ids are replaced only if they are the whole text: as words they are too common. */
const MIN_WORD_LENGTH = 4;

type Hashable = PromptRecord | TrackedEvent;

/** Treatment of each field of records and events: `replace` in every text of it, or `keep`. */
const FIELDS: { readonly [K in keyof Required<PromptRecord & TrackedEvent>]: 'user' | 'replace' | 'keep' } = {
  id: 'replace',
  event: 'replace',
  userId: 'user',
  threadId: 'replace',
  prompt: 'keep',
  generation: 'keep',
  assistantId: 'replace',
  timestamp: 'keep',
  latency: 'keep',
  tags: 'replace',
  properties: 'replace',
};

/**
 * Returns a function that computes the HMAC-SHA-256 of a user's id, in hexadecimal. The same id and secret give the same pseudonym in
 * every process. Without the secret nobody can test guessed ids. `"anonymous"` is not hashed.
 *
 * Not Web Crypto, because that is asynchronous and spans end synchronously.
 */
export function userIdHash(secret: string): UserIdHash {
  const cache = new Map<string, Pseudonym>();
  return (userId) => {
    if (userId === ANONYMOUS) return undefined;
    const cached = cache.get(userId);
    if (cached !== undefined) return cached;
    const pseudonym = pseudonymFor(userId, hmacSha256(secret, userId));
    if (cache.size >= MAX_REMEMBERED) cache.clear();
    cache.set(userId, pseudonym);
    return pseudonym;
  };
}

/** Replaces the user's id in a record or an event, also in the name of the event. */
export function withHashedUser<T extends Hashable>(value: T, hash: UserIdHash): T {
  const pseudonym = hash(value.userId);
  if (pseudonym === undefined) return value;
  const replaced: Record<string, unknown> = { ...value };
  for (const [name, treatment] of Object.entries(FIELDS)) {
    if (treatment === 'user') replaced[name] = pseudonym.hashed;
    else if (treatment === 'replace' && replaced[name] !== undefined)
      replaced[name] = replaceValue(replaced[name] as PropertyValue, pseudonym);
  }
  return replaced as unknown as T;
}

function pseudonymFor(userId: string, hashed: string): Pseudonym {
  const isLong = userId.length >= MIN_WORD_LENGTH;
  const word = isLong ? idPattern(userId) : undefined;
  const folded = foldCase(userId);
  return {
    hashed,
    replaceIn(text) {
      if (text === userId || (text.length <= 2 * userId.length && foldCase(text) === folded)) return hashed;
      if (word !== undefined) return text.replaceAll(word, hashed);
      return isLong ? text.replaceAll(userId, hashed) : text;
    },
    isSame: (number) => isLong && String(number) === userId,
  };
}

function foldCase(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

function replaceValue(value: PropertyValue, pseudonym: Pseudonym): PropertyValue {
  if (typeof value === 'string') return pseudonym.replaceIn(value);
  if (typeof value === 'number') return pseudonym.isSame(value) ? pseudonym.hashed : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => replaceValue(item, pseudonym));
  const members = Object.entries(value).map(([name, member]): [string, PropertyValue] => [
    pseudonym.replaceIn(name),
    typeof member === 'number' && isMeasuredName(name) ? member : replaceValue(member, pseudonym),
  ]);
  return Object.fromEntries(members);
}
