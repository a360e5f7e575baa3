import type { Environment } from '../../common/options/environment.js';
import { environmentVariable, processEnvironment } from '../../common/options/environment.js';
import { checkIngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { openOutgoing, type Outgoing } from '../../server/http/outgoing/outgoing.js';
import { DEFAULT_PORT } from '../../server/http/start-server.js';
import { isTraceUrlTemplate, TRACE_URL_SHAPE } from '../../server/model/trace-url.js';
import { isLoopbackAddress } from '../../server/security/loopback.js';
import {
  CredentialsError,
  joinCredentials,
  NO_CREDENTIALS,
  type Credentials,
} from '../../server/security/credentials/credentials.js';
import { parseKeys, parseTokens } from '../../server/security/credentials/parse-variables.js';
import { allowedHostNames } from '../../server/security/request-guard.js';
import { TrustedProxies } from '../../server/security/trusted-proxies.js';
import type { UserHeader } from '../../server/team/reading-access.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import { OUTGOING_VARIABLES, readOutgoing } from '../outgoing-options.js';
import { parseStore, type StoreChoice } from './parse-store.js';
import { readArguments, type Arguments, type ArgumentSpec } from './read-arguments.js';

/** Options of `serve`. `docs/fleet.md` explains them. */
export const SERVE_ARGUMENTS = {
  store: { type: 'string', env: 'TRUBRICS_SERVER_STORE' },
  port: { type: 'string', env: 'TRUBRICS_SERVER_PORT' },
  host: { type: 'string', env: 'TRUBRICS_SERVER_HOST' },
  keys: { type: 'string', env: 'TRUBRICS_SERVER_KEYS_FILE' },
  quota: { type: 'string', env: 'TRUBRICS_SERVER_QUOTA' },
  'user-header': { type: 'string', env: 'TRUBRICS_SERVER_USER_HEADER' },
  'trusted-proxy': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_TRUSTED_PROXIES' },
  'may-read': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_MAY_READ' },
  'may-delete': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_MAY_DELETE' },
  'may-edit': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_MAY_EDIT' },
  'forward-to': { type: 'string', env: 'TRUBRICS_SERVER_FORWARD_TO' },
  'allow-host': { type: 'string', multiple: true, env: 'TRUBRICS_SERVER_ALLOW_HOSTS' },
  'base-path': { type: 'string', env: 'TRUBRICS_SERVER_BASE_PATH' },
  'trace-url': { type: 'string', env: 'TRUBRICS_TRACE_URL' },
  'organization-property': { type: 'string', env: 'TRUBRICS_ORGANIZATION_PROPERTY' },
  prices: { type: 'string', env: 'TRUBRICS_PRICES' },
  webhook: { type: 'string', multiple: true, env: OUTGOING_VARIABLES.webhooks },
  'private-target': { type: 'string', multiple: true, env: OUTGOING_VARIABLES.privateTargets },
  'label-with': { type: 'string', env: OUTGOING_VARIABLES.labelWith },
  'label-model': { type: 'string', env: OUTGOING_VARIABLES.labelModel },
  'label-rate': { type: 'string', env: OUTGOING_VARIABLES.labelRate },
  'max-records': { type: 'string', env: 'TRUBRICS_MAX_RECORDS' },
  'retention-days': { type: 'string', env: 'TRUBRICS_SERVER_RETENTION_DAYS' },
  'text-retention-days': { type: 'string', env: 'TRUBRICS_SERVER_TEXT_RETENTION_DAYS' },
  'drain-seconds': { type: 'string', env: 'TRUBRICS_SERVER_DRAIN_SECONDS' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies Readonly<Record<string, ArgumentSpec>>;

/** Secrets, which are read from the environment alone: other users of a machine can read command lines. */
export const SERVE_SECRETS = {
  keys: 'TRUBRICS_SERVER_KEYS',
  tokens: 'TRUBRICS_SERVER_TOKENS',
  forwardKey: 'TRUBRICS_SERVER_FORWARD_KEY',
  forwardKeys: 'TRUBRICS_SERVER_FORWARD_KEYS',
  metricsToken: 'TRUBRICS_SERVER_METRICS_TOKEN',
} as const;

const DEFAULT_DRAIN_SECONDS = 25;
const MAX_RECORDS = 10_000_000;
/** A hundred years. */
const MAX_RETENTION_DAYS = 36_500;

/** Options of `serve`, checked. */
export interface ServeOptions {
  readonly store: StoreChoice;
  /** Option of the command line that holds the password of the store. */
  readonly passwordIn?: string | undefined;
  readonly port: number;
  readonly host: string;
  /** Keys and tokens of the environment. Those of the file are added to them. */
  readonly credentials: Credentials;
  readonly keysFile?: string | undefined;
  readonly quota?: number | undefined;
  readonly userHeader?: UserHeader | undefined;
  readonly forwardTo?: ForwardOptions | undefined;
  readonly allowedHosts: readonly string[];
  readonly basePath: string;
  /** Template of the addresses of traces. */
  readonly traceUrl?: string | undefined;
  /** Property that names organizations. */
  readonly organizationProperty?: string | undefined;
  /** File of own prices. */
  readonly pricesFile?: string | undefined;
  /** Targets that requests may be sent to. */
  readonly outgoing: Outgoing;
  readonly maxRecords?: number | undefined;
  /** Undefined: nothing is deleted by itself. */
  readonly retentionDays?: number | undefined;
  /** Undefined: texts are kept as long as their records. */
  readonly textRetentionDays?: number | undefined;
  readonly drainMs: number;
  readonly metricsToken?: string | undefined;
}

export interface ForwardOptions {
  readonly host: string;
  /** For projects without a key of their own. */
  readonly apiKey?: string | undefined;
  readonly keys: ReadonlyMap<string, string>;
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
  const retentionDays = readNumber(given, 'retention-days', 1, MAX_RETENTION_DAYS);
  const textRetentionDays = readNumber(given, 'text-retention-days', 1, MAX_RETENTION_DAYS);
  if (store.kind === 'none' && (retentionDays ?? textRetentionDays) !== undefined)
    throw new CommandError('--store none keeps nothing: there is nothing to delete after a time', 2);
  if (textRetentionDays !== undefined && textRetentionDays >= (retentionDays ?? Infinity))
    throw new CommandError(
      '--text-retention-days must be less than --retention-days, which deletes texts as well',
      2,
    );
  return {
    store,
    passwordIn:
      hasPassword(given.text('store')) && given.source('store') === '--store' ? '--store' : undefined,
    retentionDays,
    textRetentionDays,
    port: readNumber(given, 'port', 0, 65_535) ?? DEFAULT_PORT,
    host: given.text('host') ?? '127.0.0.1',
    credentials: readCredentials(environment),
    keysFile: given.text('keys'),
    quota: readNumber(given, 'quota', 1, Number.MAX_SAFE_INTEGER),
    userHeader: readUserHeader(given),
    forwardTo,
    allowedHosts: readAllowedHosts(given),
    basePath: readBasePath(given),
    traceUrl: readTraceUrl(given),
    organizationProperty: given.text('organization-property'),
    pricesFile: given.text('prices'),
    outgoing: openOutgoing(
      readOutgoing(
        {
          webhooks: given.list('webhook'),
          privateTargets: given.list('private-target'),
          labelWith: given.text('label-with'),
          labelModel: given.text('label-model'),
          labelRate: given.text('label-rate'),
        },
        environment,
      ),
    ),
    maxRecords: readNumber(given, 'max-records', 1, MAX_RECORDS),
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

function readCredentials(environment: Environment): Credentials {
  const keys = environmentVariable(SERVE_SECRETS.keys, environment);
  const tokens = environmentVariable(SERVE_SECRETS.tokens, environment);
  return orCommandError(() =>
    joinCredentials(NO_CREDENTIALS, {
      keys: keys === undefined ? [] : parseKeys(keys, SERVE_SECRETS.keys),
      tokens: tokens === undefined ? [] : parseTokens(tokens, SERVE_SECRETS.tokens),
      users: [],
    }),
  );
}

function readUserHeader(given: Arguments): UserHeader | undefined {
  const name = given.text('user-header');
  const ranges = given.list('trusted-proxy');
  const [deleters, editors] = [given.list('may-delete'), given.list('may-edit')];
  const textReaders = given.list('may-read');
  if (name === undefined) {
    if (ranges.length > 0)
      throw new CommandError(
        '--trusted-proxy needs --user-header, the header in which the proxy names the user',
        2,
      );
    if (textReaders.length > 0) throw new CommandError('--may-read names users of --user-header', 2);
    if (deleters.length > 0) throw new CommandError('--may-delete names users of --user-header', 2);
    if (editors.length > 0) throw new CommandError('--may-edit names users of --user-header', 2);
    return undefined;
  }
  if (!/^[\w-]+$/.test(name))
    throw new CommandError(
      `${given.source('user-header')} must be the name of a header, for instance x-forwarded-user`,
      2,
    );
  if (ranges.length === 0)
    throw new CommandError(
      '--user-header needs --trusted-proxy RANGE,… with the addresses of the proxy: anybody else could send that header',
      2,
    );
  checkEditors(editors, textReaders);
  try {
    const proxies = new TrustedProxies(ranges);
    return { name, proxies, deleters, editors, ...(textReaders.length > 0 && { textReaders }) };
  } catch (error) {
    throw new CommandError(`${given.source('trusted-proxy')}: ${firstSentence(error) ?? ''}`, 2);
  }
}

/** Refuses editors without the right to read texts: filters of segments can reveal texts. @throws CommandError */
function checkEditors(editors: readonly string[], textReaders: readonly string[]): void {
  const blind = textReaders.length === 0 ? undefined : editors.find((user) => !textReaders.includes(user));
  if (blind !== undefined)
    throw new CommandError(`--may-edit names ${blind}, whom --may-read leaves out: who edits has to read`, 2);
}

function readTraceUrl(given: Arguments): string | undefined {
  const template = given.text('trace-url');
  if (template !== undefined && !isTraceUrlTemplate(template))
    throw new CommandError(`${given.source('trace-url')} must be ${TRACE_URL_SHAPE}`, 2);
  return template;
}

function readForwarding(given: Arguments, environment: Environment): ForwardOptions | undefined {
  const host = given.text('forward-to');
  const keys = environmentVariable(SERVE_SECRETS.forwardKeys, environment);
  const own = environmentVariable(SERVE_SECRETS.forwardKey, environment);
  if (host === undefined) {
    if (keys === undefined && own === undefined) return undefined;
    throw new CommandError(
      `${keys === undefined ? SERVE_SECRETS.forwardKey : SERVE_SECRETS.forwardKeys} needs --forward-to URL`,
      2,
    );
  }
  const apiKey = own ?? environmentVariable('TRUBRICS_API_KEY', environment);
  const byProject = orCommandError(() => parseForwardKeys(keys));
  try {
    for (const key of byProject.size > 0 && apiKey === undefined ? byProject.values() : [apiKey])
      checkIngestionTarget({ host, ...(key !== undefined && { apiKey: key }) });
  } catch (error) {
    throw new CommandError(
      `${given.source('forward-to')}: ${firstSentence(error) ?? ''}. The key is taken from ${SERVE_SECRETS.forwardKey}`,
      2,
    );
  }
  return { host, apiKey, keys: byProject };
}

/** Reads `project=key,…`. The keys themselves are needed, so that they are not hashed. */
function parseForwardKeys(text: string | undefined): ReadonlyMap<string, string> {
  if (text === undefined) return new Map();
  parseKeys(text, SERVE_SECRETS.forwardKeys);
  return new Map(
    text.split(',').map((item) => {
      const end = item.indexOf('=');
      return [item.slice(0, end).trim(), item.slice(end + 1).trim()];
    }),
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

function readNumber(given: Arguments, name: string, least: number, most: number): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new CommandError(
    `${given.source(name)} must be a whole number ${range}, not "${text.slice(0, 40)}"`,
    2,
  );
}

function orCommandError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CredentialsError) throw new CommandError(error.message, 2);
    throw error;
  }
}
