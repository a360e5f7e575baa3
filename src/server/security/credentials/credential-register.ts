import { createHash, timingSafeEqual } from 'node:crypto';
import type { Reader } from '../reader.js';
import { NO_CREDENTIALS, type Credentials, type ReadingRights, type WritingKey } from './credentials.js';

/** Finds out whose key or token a request shows. What is known can be replaced while the server runs. */
export class CredentialRegister {
  #credentials: Credentials = NO_CREDENTIALS;

  get credentials(): Credentials {
    return this.#credentials;
  }

  replace(credentials: Credentials): void {
    this.#credentials = credentials;
  }

  findKey(key: string): WritingKey | undefined {
    return findByHash(this.#credentials.keys, createHash('sha256').update(key).digest());
  }

  /** `digest` is that of a token or of its session, see `tokenDigest()`. */
  findReader(digest: Buffer): Reader | undefined {
    const token = findByHash(this.#credentials.tokens, digest);
    return token && { access: 'token', ...token };
  }

  /** Returns the rights of a user whom a proxy names. Without any users, `others` says what everybody may. */
  findUser(user: string, others: ReadingRights): Reader | undefined {
    const { users } = this.#credentials;
    const rights = users.length === 0 ? others : users.find((one) => one.user === user);
    if (!rights) return undefined;
    const { projects, mayReadTexts, mayDelete, mayEdit } = rights;
    return { access: 'proxy', name: user, projects, mayReadTexts, mayDelete, mayEdit };
  }
}

/** Compares with all of them in constant time: the time does not tell which one it was, nor how much of it was right. */
function findByHash<T extends { readonly hash: Buffer }>(entries: readonly T[], hash: Buffer): T | undefined {
  let found: T | undefined;
  for (const entry of entries) if (timingSafeEqual(entry.hash, hash)) found ??= entry;
  return found;
}
