import { asText, codeOf } from '../../common/unknown-values.js';
import { FileLockedError, startServer, type RunningServer, type StoreOutage } from '../../server/index.js';
import { PricesError } from '../../server/insights/prices/own-prices.js';
import { CommandError, fileError } from '../command-error.js';
import { readDevOptions, type DevOptions } from './dev-options.js';
import { openBrowser } from './open-browser.js';
import { environmentFor } from './environment.js';
import { NOT_FORWARDED, printForwardingProblems, undeliveredLine } from '../forwarding-notices.js';
import { forwardsToItself } from '../forwards-to-itself.js';
import { listenProblem } from '../listen-problem.js';
import { rejectionLine } from './record-line.js';
import { runApplication } from './run-application.js';
import { Tail } from './tail.js';
import { USAGE } from '../usage.js';

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs the local Trubrics until a signal, or until the application that it started has ended.
 *
 * @throws CommandError
 */
export async function dev(args: readonly string[]): Promise<void> {
  const options = readDevOptions(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return;
  }
  // The reader of a pipe may close it, as `head` does: that must not end the server.
  process.stdout.on('error', () => undefined);
  const server = await start(options);
  const loop = forwardsToItself(options.forwardTo?.host, server.url);
  if (loop) {
    await server.close();
    throw loop;
  }
  const page = options.token ? `${server.url}/?token=${encodeURIComponent(options.token)}` : server.url;
  process.stdout.write(welcome(server, page, options));
  const stop = stopOnSignal(() => close(server, options));
  if (options.forwardTo) printForwardingProblems(server, options.forwardTo.host ?? '', write);
  if (options.open) openBrowser(page);
  if (options.command.length === 0) return;
  const environment = environmentFor(server, options.token);
  try {
    process.exitCode = await runApplication(options.command, environment);
  } catch (error) {
    await stop();
    throw error;
  }
  // On a terminal the server goes on, so that the records can be looked at. In a script the work is done.
  if (process.stdout.isTTY) process.stdout.write(`The application has ended. Its records stay at ${page}\n`);
  else await stop();
}

async function start(options: DevOptions): Promise<RunningServer> {
  const isTerminal = process.stdout.isTTY;
  const tail = new Tail(write, () => process.stdout.columns);
  try {
    return await startServer({
      port: options.port,
      host: options.host,
      allowedHosts: options.allowedHosts,
      basePath: options.basePath,
      file: options.file,
      maxRecords: options.maxRecords,
      token: options.token,
      traceUrl: options.traceUrl,
      retentionDays: options.retentionDays,
      textRetentionDays: options.textRetentionDays,
      organizationProperty: options.organizationProperty,
      prices: options.prices,
      onPricesProblem: write,
      forwardTo: options.forwardTo,
      ...options.outgoing,
      onSkippedLines: (count) => write(`${count} line(s) of ${options.file} are no records and were skipped`),
      onStoreOutage: (outage) => write(outageLine(outage, options.file)),
      onRejection: (rejection) => write(rejectionLine(rejection, isTerminal)),
      ...(isTerminal && {
        onRecords: (records) => tail.print(records),
        onLoadProgress: (share) =>
          process.stdout.write(
            `\rReading ${options.file} … ${Math.round(share * 100)} %${share < 1 ? '' : '\n'}`,
          ),
      }),
    });
  } catch (error) {
    throw toCommandError(error, options);
  }
}

/** Returns the line that is printed when the store begins to fail, and when it works again. */
function outageLine(outage: StoreOutage | undefined, file = 'memory'): string {
  if (!outage) return `Records are stored in ${file} again`;
  return `Records cannot be stored in ${file}: ${outage.reason}. Until that is mended, senders are told to try again (503)`;
}

function toCommandError(error: unknown, { port, host, file }: DevOptions): unknown {
  if (error instanceof TypeError) {
    if (/give a token/.test(error.message))
      return new CommandError(`--host ${host} can be reached by other machines: give a --token as well`, 2);
    return new CommandError(error.message, 2);
  }
  if (error instanceof PricesError || error instanceof FileLockedError)
    return new CommandError(error.message, 1);
  const problem = listenProblem(error, port, host);
  if (problem) return problem;
  const code = asText(codeOf(error));
  if (file !== undefined && code !== undefined) return fileError(`the file ${file}`, code);
  return error;
}

function welcome(
  server: RunningServer,
  page: string,
  { file, token, forwardTo, outgoing }: DevOptions,
): string {
  const storage = file === undefined ? 'in memory; --file keeps them across restarts' : `in ${file}`;
  const forwarded = forwardTo ? ` They are sent on to ${forwardTo.host}.` : '';
  const { labels } = outgoing;
  const labelled = labels ? ` Their texts are sent to ${hostOf(labels.url)} to be labelled.` : '';
  const settings = Object.entries(environmentFor(server, token, {})).filter(
    // Without a token, any key does.
    ([name]) => name !== 'TRUBRICS_API_KEY' || token !== undefined,
  );
  const lines = (prefix: string): string =>
    settings
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => `    export ${name}=${value}`)
      .join('\n');
  return `
  Trubrics is running at ${page}

  Send prompts to it, in the terminal of your application:
${lines('TRUBRICS_')}
  Or, from an application in any language that exports its spans:
${lines('OTEL_')}

  Records are kept ${storage}.${forwarded}${labelled} Stop with Ctrl-C.

`;
}

/** Returns the host of an address that was checked: its path may be a secret. */
function hostOf(url: string): string {
  return new URL(url).host;
}

/** Closes the server. Says what could not be forwarded by then, also as the exit code. */
async function close(server: RunningServer, { forwardTo }: DevOptions): Promise<void> {
  await server.close();
  const stats = server.forwarding();
  const line = stats && undeliveredLine(stats, forwardTo?.host ?? '');
  if (line === undefined) return;
  process.stderr.write(`opentelemetry-exporter-trubrics: ${line}\n`);
  // A failure of the application says more.
  process.exitCode ||= NOT_FORWARDED;
}

/** Closes the server at the first signal. A second signal ends the process at once. */
function stopOnSignal(close: () => Promise<void>): () => Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const stop = (): Promise<void> => {
    for (const signal of signals) process.removeAllListeners(signal);
    return close();
  };
  for (const signal of signals) process.once(signal, () => void stop());
  return stop;
}
