import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { processEnvironment } from '../../common/options/environment.js';
import { checkProject, CredentialsError } from '../../server/security/credentials/credentials.js';
import { tokenDigest } from '../../server/security/session.js';
import { CommandError } from '../command-error.js';
import { readArguments, type Arguments, type ArgumentSpec } from '../options/read-arguments.js';
import { KEY_USAGE } from './usage.js';

const KEY_ARGUMENTS = {
  project: { type: 'string', multiple: true },
  token: { type: 'boolean' },
  numbers: { type: 'boolean' },
  edit: { type: 'boolean' },
  delete: { type: 'boolean' },
  name: { type: 'string' },
  quota: { type: 'string' },
  stdin: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Readonly<Record<string, ArgumentSpec>>;

/** Bytes of a new key: too many to be guessed, so that a plain hash of it is enough. */
const KEY_BYTES = 32;

/**
 * Prints a new key or token, and its entry for the file of keys.
 *
 * @throws CommandError
 */
export function newKey(args: readonly string[]): void {
  const given = readArguments(args, KEY_ARGUMENTS, processEnvironment());
  if (given.flag('help')) {
    process.stdout.write(KEY_USAGE);
    return;
  }
  const projects = given.list('project');
  if (projects.length === 0) throw new CommandError('Name the project with --project P', 2);
  const key = given.flag('stdin') ? readKey() : randomBytes(KEY_BYTES).toString('base64url');
  const made = given.flag('token')
    ? { token: key, entry: tokenEntry(given, projects, key) }
    : { key, entry: keyEntry(given, projects, key) };
  process.stdout.write(`${JSON.stringify(made, undefined, 2)}\n`);
}

function keyEntry(given: Arguments, projects: readonly string[], key: string): object {
  if (projects.length > 1)
    throw new CommandError('A key writes into one project: name one with --project P', 2);
  for (const right of ['numbers', 'edit', 'delete'])
    if (given.flag(right)) throw new CommandError(`--${right} is for tokens: add --token`, 2);
  const quota = given.text('quota');
  if (quota !== undefined && !/^[1-9]\d{0,14}$/.test(quota))
    throw new CommandError('--quota must be a whole number above 0', 2);
  return {
    ...nameOf(given),
    project: projectOf(projects[0] ?? ''),
    sha256: createHash('sha256').update(key).digest('hex'),
    ...(quota !== undefined && { recordsPerMinute: Number(quota) }),
  };
}

function tokenEntry(given: Arguments, projects: readonly string[], token: string): object {
  if (given.text('quota') !== undefined) throw new CommandError('--quota is for keys, not for tokens', 2);
  if (given.flag('numbers') && given.flag('edit'))
    throw new CommandError('--numbers is for those who read no texts: they may not edit either', 2);
  return {
    ...nameOf(given),
    projects: projects.includes('*') ? '*' : projects.map(projectOf),
    ...(given.flag('numbers') && { numbers: true }),
    ...(given.flag('edit') && { edit: true }),
    ...(given.flag('delete') && { delete: true }),
    sha256: tokenDigest(token).toString('hex'),
  };
}

function nameOf(given: Arguments): { readonly name?: string } {
  const name = given.text('name');
  return name === undefined ? {} : { name };
}

function projectOf(name: string): string {
  try {
    return checkProject(name, '--project');
  } catch (error) {
    throw error instanceof CredentialsError ? new CommandError(error.message, 2) : error;
  }
}

/** Reads a key without the line break behind it. */
function readKey(): string {
  const key = readFileSync(0, 'utf8').trim();
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandError('The key on standard input must be visible ASCII characters without spaces', 2);
}
