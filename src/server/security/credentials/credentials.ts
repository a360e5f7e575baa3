/** A key with which applications write into one project. */
export interface WritingKey {
  /** Name for log lines. Default: the project, and the beginning of the hash. */
  readonly name: string;
  readonly project: string;
  /** SHA-256 of the key. */
  readonly hash: Buffer;
  /** Records that may be written in a minute. Default: the quota of the server, if it has one. */
  readonly recordsPerMinute?: number;
}

/** Rights of somebody who reads. */
export interface ReadingRights {
  readonly projects: readonly string[] | 'all';
  /** False for those who may read numbers alone. They may not edit: filters of documents would find texts. */
  readonly mayReadTexts: boolean;
  readonly mayDelete: boolean;
  /** True for those who may change documents: saved views, rules, notes and so on. */
  readonly mayEdit: boolean;
}

export interface ReadingToken extends ReadingRights {
  readonly name: string;
  /** `tokenDigest()` of the token. */
  readonly hash: Buffer;
}

/** Rights of a user whom a proxy names. */
export interface ProxiedUser extends ReadingRights {
  /** As the proxy writes it. */
  readonly user: string;
}

/** Everybody who may write or read. */
export interface Credentials {
  readonly keys: readonly WritingKey[];
  readonly tokens: readonly ReadingToken[];
  readonly users: readonly ProxiedUser[];
}

export const NO_CREDENTIALS: Credentials = { keys: [], tokens: [], users: [] };

/** A mistake in the configured keys, tokens or users. The message names its place, and never a key. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

export function joinCredentials(a: Credentials, b: Credentials): Credentials {
  return {
    keys: [...a.keys, ...b.keys],
    tokens: [...a.tokens, ...b.tokens],
    users: [...a.users, ...b.users],
  };
}

/** Returns the projects that are named, sorted. */
export function projectsOf({ keys, tokens, users }: Credentials): readonly string[] {
  const read = [...tokens, ...users].flatMap(({ projects }) => (projects === 'all' ? [] : projects));
  return [...new Set([...keys.map(({ project }) => project), ...read])].sort();
}

/** Letters and digits first, so that a name is no option of a command, no hidden file and no path. */
const PROJECT = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** @throws CredentialsError */
export function checkProject(name: string, where: string): string {
  if (PROJECT.test(name)) return name;
  throw new CredentialsError(
    `${where}: the name of a project has up to 64 letters, digits and the signs . _ -, and begins with a letter or digit`,
  );
}

/**
 * Refuses numbers alone with the right to edit: whoever may define segments and rules could count the records that have a text.
 *
 * @throws CredentialsError
 */
export function checkRights(
  { mayReadTexts, mayEdit }: Pick<ReadingRights, 'mayReadTexts' | 'mayEdit'>,
  where: string,
): void {
  if (!mayReadTexts && mayEdit)
    throw new CredentialsError(
      `${where}: who may read numbers alone may not edit, because a segment with a search tells texts`,
    );
}
