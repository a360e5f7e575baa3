import type { Environment } from '../../common/options/environment.js';
import { environmentVariable, processEnvironment } from '../../common/options/environment.js';
import { openOutgoing, type Outgoing } from '../../server/http/outgoing/outgoing.js';
import type { Credentials } from '../../server/security/credentials/credentials.js';
import { isLoopbackAddress } from '../../server/security/loopback.js';
import { allowedHostNames } from '../../server/security/request-guard.js';
import type { UserHeader } from '../../server/team/reading-access.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import { readOutgoing } from '../options/outgoing-options.js';
import { readArguments, type Arguments } from '../options/read-arguments.js';
import { readNumber, readServerOptions, type ServerOptions } from '../options/read-server-options.js';
import { parseStore, type StoreChoice } from './parse-store.js';
import { readCredentials } from './read-credentials.js';
import { readForwarding, type ForwardOptions } from './read-forwarding.js';
import { readUserHeader } from './read-user-header.js';
import { SERVE_ARGUMENTS, SERVE_SECRETS } from './serve-arguments.js';

const DEFAULT_DRAIN_SECONDS = 25;

/** Options of `serve`, checked. */
export interface ServeOptions extends ServerOptions {
  readonly store: StoreChoice;
  /** Option of the command line that holds the password of the store. */
  readonly passwordIn?: string | undefined;
  readonly host: string;
  /** Keys and tokens of the environment. Those of the file are added to them. */
  readonly credentials: Credentials;
  readonly keysFile?: string | undefined;
  readonly quota?: number | undefined;
  readonly userHeader?: UserHeader | undefined;
  readonly forwardTo?: ForwardOptions | undefined;
  readonly allowedHosts: readonly string[];
  readonly basePath: string;
  /** Targets that requests may be sent to. */
  readonly outgoing: Outgoing;
  readonly drainMs: number;
  readonly metricsToken?: string | undefined;
}

/**
 * Reads the options of `serve`.
 *
 * @returns undefined if help is wanted
 * @throws CommandError
 */
export function readServeOptions(
  args: readonly string[],
  environment: Environment = processEnvironment(),
): ServeOptions | undefined {
  const given = readArguments(args, SERVE_ARGUMENTS, environment);
  if (given.flag('help')) return undefined;
  const store = parseStore(given.text('store'), given.source('store'), environment);
  const forwardTo = readForwarding(given, environment);
  if (store.kind === 'none' && !forwardTo)
    throw new CommandError('--store none keeps nothing, so it needs --forward-to URL', 2);
  for (const name of ['webhook', 'label-with'])
    if (store.kind === 'none' && given.list(name).length > 0)
      throw new CommandError(`${given.source(name)} needs a store: --store none keeps nothing`, 2);
  const shared = readServerOptions(given);
  const { retentionDays, textRetentionDays } = shared;
  if (store.kind === 'none' && (retentionDays ?? textRetentionDays) !== undefined)
    throw new CommandError('--store none keeps nothing: there is nothing to delete after a time', 2);
  return {
    ...shared,
    store,
    passwordIn:
      hasPassword(given.text('store')) && given.source('store') === '--store' ? '--store' : undefined,
    host: given.text('host') ?? '127.0.0.1',
    credentials: readCredentials(environment),
    keysFile: given.text('keys'),
    quota: readNumber(given, 'quota', 1, Number.MAX_SAFE_INTEGER),
    userHeader: readUserHeader(given),
    forwardTo,
    allowedHosts: readAllowedHosts(given),
    basePath: readBasePath(given),
    outgoing: openOutgoing(readOutgoing(given, environment)),
    drainMs: (readNumber(given, 'drain-seconds', 0, 3600) ?? DEFAULT_DRAIN_SECONDS) * 1000,
    metricsToken: environmentVariable(SERVE_SECRETS.metricsToken, environment),
  };
}

function hasPassword(address: string | undefined): boolean {
  return /^\w+:\/\/[^/@]*:[^/@]+@/.test(address ?? '');
}

/**
 * Refuses to listen to other machines while everybody could write or read.
 *
 * @throws CommandError
 */
export function checkAccess({ host, store, keysFile, userHeader }: ServeOptions, known: Credentials): void {
  if (isLoopbackAddress(host)) return;
  const reach = `--host ${host} can be reached by other machines`;
  if (known.keys.length === 0 && keysFile === undefined)
    throw new CommandError(
      `${reach}: set ${SERVE_SECRETS.keys}=project=key, or --keys FILE, so that not everybody can write`,
      2,
    );
  if (store.kind !== 'none' && known.tokens.length === 0 && keysFile === undefined && !userHeader)
    throw new CommandError(
      `${reach}: set ${SERVE_SECRETS.tokens}=project=token, tokens in --keys FILE, or --user-header, so that not everybody can read`,
      2,
    );
}

function readAllowedHosts(given: Arguments): readonly string[] {
  try {
    return [...allowedHostNames(given.list('allow-host'))];
  } catch (error) {
    throw new CommandError(`${given.source('allow-host')}: ${firstSentence(error) ?? ''}`, 2);
  }
}

function readBasePath(given: Arguments): string {
  const path = (given.text('base-path') ?? '').replace(/\/$/, '');
  if (/^(?:\/[\w.~-]+)*$/.test(path)) return path;
  throw new CommandError(`${given.source('base-path')} must be a path such as /trubrics`, 2);
}
