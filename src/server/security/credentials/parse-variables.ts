import { createHash } from 'node:crypto';
import { parseList } from '../../../common/options/option-kinds.js';
import { tokenDigest } from '../session.js';
import {
  checkProject,
  checkRights,
  CredentialsError,
  type ReadingRights,
  type ReadingToken,
  type WritingKey,
} from './credentials.js';

/** A text that a header can carry: exporters and browsers send it in one. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** Words behind the projects: numbers alone in place of texts, and rights besides reading. */
const RIGHTS: ReadonlySet<string> = new Set(['numbers', 'edit', 'delete']);

/** Returns what log lines call a key or token without a name. */
export function defaultName(what: string, hash: Buffer): string {
  return `${what} ${hash.toString('hex').slice(0, 8)}`;
}

/**
 * Reads `project=key,project=key`, as in the variable `where`. A project may have several keys.
 *
 * @throws CredentialsError
 */
export function parseKeys(text: string, where: string): readonly WritingKey[] {
  return secretPairs(text, where, 'project=key').map(([project, key]) => {
    const hash = createHash('sha256').update(key).digest();
    return { name: defaultName(project, hash), project: checkProject(project, where), hash };
  });
}

/**
 * Reads `project=token,project+project=token,*:edit:delete=token`: projects that are joined by `+`, `*` for all of them, `:edit` for tokens
 * that may change documents, `:delete` for those that may delete, and `:numbers` for those that may read numbers alone.
 *
 * @throws CredentialsError
 */
export function parseTokens(text: string, where: string): readonly ReadingToken[] {
  return secretPairs(text, where, 'projects=token').map(([rights, token]) => {
    const hash = tokenDigest(token);
    return { name: defaultName('token', hash), ...parseRights(rights, where), hash };
  });
}

/** Reads `project+project:edit:delete`. @throws CredentialsError */
export function parseRights(text: string, where: string): ReadingRights {
  const [names = '', ...rights] = text.split(':');
  if (!rights.every((right) => RIGHTS.has(right)))
    throw new CredentialsError(`${where}: after the projects only :numbers, :edit and :delete may follow`);
  const may = {
    mayReadTexts: !rights.includes('numbers'),
    mayDelete: rights.includes('delete'),
    mayEdit: rights.includes('edit'),
  };
  checkRights(may, where);
  if (names === '*') return { projects: 'all', ...may };
  return { projects: names.split('+').map((name) => checkProject(name, where)), ...may };
}

/** Reads `name=secret,name=secret`. @throws CredentialsError */
export function secretPairs(
  text: string,
  where: string,
  form: string,
): readonly (readonly [string, string])[] {
  return parseList(text).map((item, index) => {
    const end = item.indexOf('=');
    const [name, secret] = [item.slice(0, end).trim(), item.slice(end + 1).trim()];
    const position = `${where}, entry ${index + 1}`;
    if (end < 1 || secret === '')
      throw new CredentialsError(`${position} must look like ${form}; entries are separated by commas`);
    if (!HEADER_TEXT.test(secret))
      throw new CredentialsError(
        `${position}: only visible ASCII characters without spaces fit into a header`,
      );
    return [name, secret];
  });
}
