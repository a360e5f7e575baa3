import { processEnvironment } from '../../common/options/environment.js';
import { CredentialFile } from '../../server/security/credentials/credential-file.js';
import { CredentialRegister } from '../../server/security/credentials/credential-register.js';
import {
  CredentialsError,
  joinCredentials,
  NO_CREDENTIALS,
  projectsOf,
  type Credentials,
} from '../../server/security/credentials/credentials.js';
import { OwnPricesFile } from '../../server/insights/prices/own-prices-file.js';
import { PricesError } from '../../server/insights/prices/own-prices.js';
import { Pricing } from '../../server/insights/prices/pricing.js';
import { StoppedError } from '../../server/team/projects.js';
import { startTeam, type TeamServer } from '../../server/team/start-team.js';
import type { TeamLog } from '../../server/team/team-server-options.js';
import { CommandError } from '../command-error.js';
import { forwardsToItself } from '../forwards-to-itself.js';
import { NOT_FORWARDED } from '../forwarding-notices.js';
import { listenProblem } from '../listen-problem.js';
import { packageVersion } from '../package-version.js';
import { clockSkewWarning } from './clock-skew.js';
import { jsonLog } from './json-log.js';
import { isTransient, storeOpener, storeProblem } from './open-store.js';
import { checkAccess, readServeOptions, type ServeOptions } from './serve-options.js';
import { startWarnings } from './start-warnings.js';
import { SERVE_USAGE } from './usage.js';

/**
 * Runs a server for teams until a signal. Returns when it listens.
 *
 * @throws CommandError
 */
export async function serve(args: readonly string[]): Promise<void> {
  const options = readServeOptions(args);
  if (!options) {
    process.stdout.write(SERVE_USAGE);
    return;
  }
  // The reader of a pipe may close it: that must not end the server.
  process.stdout.on('error', () => undefined);
  const log = jsonLog((line) => process.stdout.write(line));
  const file = options.keysFile === undefined ? undefined : new CredentialFile(options.keysFile);
  const register = new CredentialRegister();
  register.replace(joinCredentials(options.credentials, file ? readFile(file) : NO_CREDENTIALS));
  checkAccess(options, register.credentials);
  const pricing = await openPricing(options, log);
  const server = await start(options, register, pricing, log);
  const loop = forwardsToItself(options.forwardTo?.host, server.url);
  if (loop) {
    await server.drain(0);
    throw loop;
  }
  file?.watch({
    onChange: (fromFile) => {
      register.replace(joinCredentials(options.credentials, fromFile));
      log('info', 'keys_reloaded', counts(register.credentials));
    },
    onProblem: (problem) =>
      log('error', 'keys_not_reloaded', { problem, next: 'the keys of before stay valid' }),
  });
  drainOnSignal(server, options, log);
  for (const warning of startWarnings(options, register.credentials, processEnvironment()))
    log('warn', 'configuration', { ...warning });
  try {
    await server.ready;
  } catch (error) {
    if (error instanceof StoppedError) return;
    await server.drain(0);
    throw storeProblem(error, options.store) ?? error;
  }
  log('info', 'ready', { store: options.store.shown });
  const skew = options.store.kind === 'clickhouse' && (await clockSkewWarning(options.store.url));
  if (skew) log('warn', 'configuration', { ...skew });
}

async function start(
  options: ServeOptions,
  register: CredentialRegister,
  pricing: Pricing,
  log: TeamLog,
): Promise<TeamServer> {
  const { store, port, host, keysFile, userHeader, forwardTo, outgoing } = options;
  const { keys, tokens } = register.credentials;
  try {
    const server = await startTeam({
      ...options,
      version: packageVersion(),
      openStore: storeOpener(store, options),
      // ClickHouse drops whole months.
      retentionDays: store.kind === 'clickhouse' ? undefined : options.retentionDays,
      engineDeletesByAge: store.kind === 'clickhouse' && options.retentionDays !== undefined,
      isTransient,
      register,
      pricing,
      needsKey: keys.length > 0 || keysFile !== undefined,
      needsReader: tokens.length > 0 || keysFile !== undefined || userHeader !== undefined,
      forwardTo:
        forwardTo &&
        ((project) => {
          const apiKey = forwardTo.keys.get(project) ?? forwardTo.apiKey;
          return { host: forwardTo.host, ...(apiKey !== undefined && { apiKey }) };
        }),
      log,
    });
    log('info', 'started', {
      url: server.url,
      version: packageVersion(),
      store: store.shown,
      ...counts(register.credentials),
      ...(forwardTo && { forwardTo: forwardTo.host }),
      ...(outgoing.webhooks.length > 0 && { webhooks: outgoing.webhooks.map((one) => one.host) }),
      ...(outgoing.labels && { labelWith: outgoing.labels.target.host }),
    });
    return server;
  } catch (error) {
    throw listenProblem(error, port, host) ?? error;
  }
}

/** @throws CommandError */
async function openPricing({ prices: path }: ServeOptions, log: TeamLog): Promise<Pricing> {
  if (path === undefined) return new Pricing();
  const own = new OwnPricesFile({
    path,
    onProblem: (problem) =>
      log('error', 'prices_not_reloaded', { problem, next: 'the prices of before stay valid' }),
  });
  try {
    await own.open();
  } catch (error) {
    if (error instanceof PricesError) throw new CommandError(error.message, 2);
    throw error;
  }
  return new Pricing({ own });
}

/** @throws CommandError */
function readFile(file: CredentialFile): Credentials {
  try {
    return file.read();
  } catch (error) {
    if (error instanceof CredentialsError) throw new CommandError(error.message, 2);
    throw error;
  }
}

function counts(credentials: Credentials): Readonly<Record<string, unknown>> {
  const { keys, tokens, users } = credentials;
  return { projects: projectsOf(credentials), keys: keys.length, tokens: tokens.length, users: users.length };
}

/** Drains the server at the first signal. A second signal ends the process at once. */
function drainOnSignal(server: TeamServer, { drainMs }: ServeOptions, log: TeamLog): void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const onSignal = async (signal: string): Promise<void> => {
    for (const name of signals) process.removeAllListeners(name);
    log('info', 'draining', { signal, deadlineSeconds: drainMs / 1000 });
    const startedAt = performance.now();
    const { isComplete, ...report } = await server.drain(drainMs);
    const isLossless = isComplete && report.notForwarded === 0;
    const seconds = Math.round(performance.now() - startedAt) / 1000;
    log(isLossless ? 'info' : 'error', 'stopped', { ...report, isComplete, seconds });
    process.exitCode = isLossless ? 0 : NOT_FORWARDED;
    // Exits although something did not end by the deadline.
    if (!isComplete) process.exit();
  };
  for (const signal of signals) process.once(signal, () => void onSignal(signal));
}
