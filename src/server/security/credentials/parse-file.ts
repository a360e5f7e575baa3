import { isRecord, type UnknownRecord } from '../../../common/unknown-values.js';
import {
  checkProject,
  checkRights,
  CredentialsError,
  type Credentials,
  type ProxiedUser,
  type ReadingRights,
  type ReadingToken,
  type WritingKey,
} from './credentials.js';
import { defaultName } from './parse-variables.js';

const LISTS = ['keys', 'tokens', 'users'] as const;
const FIELDS = {
  keys: ['name', 'project', 'sha256', 'recordsPerMinute'],
  tokens: ['name', 'projects', 'numbers', 'edit', 'delete', 'sha256'],
  users: ['user', 'projects', 'numbers', 'edit', 'delete'],
} as const;

/**
 * Reads the file of keys: `{ "keys": [{ name?, project, sha256, recordsPerMinute? }], "tokens": [{ name?, projects, numbers?, edit?,
 * delete?, sha256 }], "users": [{ user, projects, numbers?, edit?, delete? }] }`. `projects` is a list of names or `"*"`; `sha256` is what the
 * command `key` prints; `numbers` takes away the right to read texts.
 *
 * @throws CredentialsError that names the place. It never repeats a value.
 */
export function parseCredentialsFile(text: string): Credentials {
  const file = parseJson(text);
  const unknown = Object.keys(file).find((name) => !LISTS.some((list) => list === name));
  if (unknown !== undefined)
    throw new CredentialsError(`there is no "${unknown}"; the lists are ${LISTS.join(', ')}`);
  return {
    keys: entriesOf(file, 'keys').map(parseKey),
    tokens: entriesOf(file, 'tokens').map(parseToken),
    users: entriesOf(file, 'users').map(parseUser),
  };
}

interface Entry {
  readonly where: string;
  readonly fields: UnknownRecord;
}

function parseJson(text: string): UnknownRecord {
  let value: unknown;
  try {
    // Editors of Windows begin a file with a byte order mark.
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new CredentialsError('it is not valid JSON');
  }
  if (!isRecord(value)) throw new CredentialsError('it must be an object with the lists keys, tokens, users');
  return value;
}

function entriesOf(file: UnknownRecord, list: (typeof LISTS)[number]): readonly Entry[] {
  const entries = file[list] ?? [];
  if (!Array.isArray(entries)) throw new CredentialsError(`${list} must be a list`);
  return entries.map((fields: unknown, index) => {
    const where = `${list}[${index}]`;
    if (!isRecord(fields)) throw new CredentialsError(`${where} must be an object`);
    const known: readonly string[] = FIELDS[list];
    const unknown = Object.keys(fields).find((name) => !known.includes(name));
    if (unknown === undefined) return { where, fields };
    const advice = unknown === 'key' || unknown === 'token' ? ': put its hash into sha256' : '';
    throw new CredentialsError(`${where} has no field "${unknown}"${advice}. Fields are ${known.join(', ')}`);
  });
}

function parseKey({ where, fields }: Entry): WritingKey {
  const project = checkProject(textOf(fields, 'project', where), `${where}.project`);
  const hash = hashOf(fields, where);
  const quota = fields['recordsPerMinute'];
  if (quota !== undefined && !(Number.isSafeInteger(quota) && Number(quota) > 0))
    throw new CredentialsError(`${where}.recordsPerMinute must be a whole number above 0`);
  return {
    name: nameOf(fields, where) ?? defaultName(project, hash),
    project,
    hash,
    ...(quota !== undefined && { recordsPerMinute: Number(quota) }),
  };
}

function parseToken({ where, fields }: Entry): ReadingToken {
  const hash = hashOf(fields, where);
  return { name: nameOf(fields, where) ?? defaultName('token', hash), ...rightsOf(fields, where), hash };
}

function parseUser({ where, fields }: Entry): ProxiedUser {
  return { user: textOf(fields, 'user', where), ...rightsOf(fields, where) };
}

function rightsOf(fields: UnknownRecord, where: string): ReadingRights {
  const { projects } = fields;
  const may = {
    mayReadTexts: !flagOf(fields, 'numbers', where),
    mayDelete: flagOf(fields, 'delete', where),
    mayEdit: flagOf(fields, 'edit', where),
  };
  checkRights(may, where);
  if (projects === '*') return { projects: 'all', ...may };
  if (!Array.isArray(projects) || projects.length === 0)
    throw new CredentialsError(`${where}.projects must be a list of names, or "*"`);
  if (projects.includes('*')) return { projects: 'all', ...may };
  return {
    projects: projects.map((name: unknown) => checkProject(String(name), `${where}.projects`)),
    ...may,
  };
}

function flagOf(fields: UnknownRecord, name: 'numbers' | 'edit' | 'delete', where: string): boolean {
  const { [name]: flag = false } = fields;
  if (typeof flag !== 'boolean') throw new CredentialsError(`${where}.${name} must be true or false`);
  return flag;
}

function hashOf(fields: UnknownRecord, where: string): Buffer {
  const text = textOf(fields, 'sha256', where);
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new CredentialsError(
      `${where}.sha256 must be 64 hexadecimal digits, as the command "key" prints them`,
    );
  return Buffer.from(text, 'hex');
}

function nameOf(fields: UnknownRecord, where: string): string | undefined {
  return fields['name'] === undefined ? undefined : textOf(fields, 'name', where);
}

function textOf(fields: UnknownRecord, name: string, where: string): string {
  const value = fields[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new CredentialsError(`${where}.${name} must be a text that is not empty`);
}
