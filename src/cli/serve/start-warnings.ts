import { createHash } from 'node:crypto';
import { environmentVariable, type Environment } from '../../common/options/environment.js';
import type { Credentials, WritingKey } from '../../server/security/credentials/credentials.js';
import { secretPairs } from '../../server/security/credentials/parse-variables.js';
import { tokenDigest } from '../../server/security/session.js';
import { SERVE_SECRETS } from './serve-arguments.js';
import type { ServeOptions } from './serve-options.js';

/** Something that works, and that an operator would not want. */
export interface StartWarning {
  readonly problem: string;
  /** Advice to the operator. */
  readonly next: string;
}

/** Shortest key or token that cannot be found by trying, if it is random: 96 bits in base64. */
const MIN_SECRET_LENGTH = 16;
const MAKE_ONE = 'make a random one with the command "key"';

/** Returns what is questionable about the configuration of a server. No text repeats a secret. */
export function startWarnings(
  options: Pick<ServeOptions, 'passwordIn' | 'userHeader' | 'forwardTo'>,
  credentials: Credentials,
  environment: Environment,
): readonly StartWarning[] {
  const { passwordIn, userHeader, forwardTo } = options;
  return [
    ...aboutSecrets(credentials, environment),
    ...aboutProjects(credentials, [...(forwardTo?.keys.keys() ?? [])]),
    ...(passwordIn === undefined
      ? []
      : [
          {
            problem: `${passwordIn} holds the password of the store: others on this machine can read command lines`,
            next: 'set TRUBRICS_SERVER_STORE_PASSWORD, leave the password out of the address, and change it',
          },
        ]),
    ...(userHeader?.proxies.includesAll === true
      ? [
          {
            problem: `--trusted-proxy takes any address: whoever sends the header ${userHeader.name} is that user`,
            next: 'name the addresses of the proxy alone',
          },
        ]
      : []),
  ];
}

interface Secret {
  readonly variable: string;
  readonly text: string;
  readonly entry: number;
}

function aboutSecrets({ keys, tokens }: Credentials, environment: Environment): readonly StartWarning[] {
  const given = [SERVE_SECRETS.keys, SERVE_SECRETS.tokens].flatMap((variable) =>
    secretsOf(variable, environmentVariable(variable, environment)),
  );
  const metricsToken = environmentVariable(SERVE_SECRETS.metricsToken, environment);
  const all = [
    ...given,
    ...(metricsToken === undefined
      ? []
      : [{ variable: SERVE_SECRETS.metricsToken, text: metricsToken, entry: 1 }]),
  ];
  return [
    ...all
      .filter(({ text }) => text.length < MIN_SECRET_LENGTH)
      .map((secret) => ({
        problem: `${nameOf(secret)} is shorter than ${MIN_SECRET_LENGTH} characters: it can be guessed`,
        next: MAKE_ONE,
      })),
    ...given
      .filter(({ text }) => isKey(text, keys) && isToken(text, tokens))
      .filter(({ text }, index, same) => same.findIndex((other) => other.text === text) === index)
      .map((secret) => ({
        problem: `${nameOf(secret)} is a writing key and a reading token: every application that writes can read everything`,
        next: `${MAKE_ONE} for each`,
      })),
    ...keys
      .filter((key, index) => keys.findIndex((other) => isSame(other, key)) < index)
      .map((key) => ({
        problem: `The key "${key.name}" is that of another entry as well: what it sends goes to project ${keys.find((other) => isSame(other, key))?.project ?? ''}`,
        next: 'give each project a key of its own',
      })),
  ];
}

function aboutProjects(
  { keys, tokens, users }: Credentials,
  forwarded: readonly string[],
): readonly StartWarning[] {
  const written = new Set(keys.map(({ project }) => project));
  // Without keys, everybody writes into one project.
  if (written.size === 0) return [];
  const read = [...tokens, ...users].flatMap(({ projects }) => (projects === 'all' ? [] : projects));
  const unknown = (names: readonly string[]): readonly string[] =>
    [...new Set(names)].filter((name) => !written.has(name));
  return [
    ...unknown(read).map((project) => ({
      problem: `A token or user reads the project ${project}, into which no key writes`,
      next: `check its name; keys write into ${[...written].sort().join(', ')}`,
    })),
    ...unknown(forwarded).map((project) => ({
      problem: `${SERVE_SECRETS.forwardKeys} names the project ${project}, into which no key writes`,
      next: `check its name; keys write into ${[...written].sort().join(', ')}`,
    })),
  ];
}

function secretsOf(variable: string, text: string | undefined): readonly Secret[] {
  if (text === undefined) return [];
  return secretPairs(text, variable, 'name=secret').map(([, secret], index) => ({
    variable,
    text: secret,
    entry: index + 1,
  }));
}

function nameOf({ variable, entry }: Secret): string {
  return variable === SERVE_SECRETS.metricsToken ? variable : `${variable}, entry ${entry},`;
}

function isKey(text: string, keys: Credentials['keys']): boolean {
  const hash = createHash('sha256').update(text).digest();
  return keys.some((key) => key.hash.equals(hash));
}

function isToken(text: string, tokens: Credentials['tokens']): boolean {
  const digest = tokenDigest(text);
  return tokens.some((token) => token.hash.equals(digest));
}

function isSame(a: WritingKey, b: WritingKey): boolean {
  return a.hash.equals(b.hash);
}
