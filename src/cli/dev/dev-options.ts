import { processEnvironment, type Environment } from '../../common/options/environment.js';
import { checkIngestionTarget, TRUBRICS_CLOUD } from '../../destinations/ingestion/ingestion-target.js';
import type { ForwardTarget } from '../../server/index.js';
import type { OutgoingOptions } from '../../server/http/outgoing/outgoing.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import { OUTGOING_ARGUMENTS, readOutgoing } from '../options/outgoing-options.js';
import { readArguments, type Arguments, type ArgumentSpec } from '../options/read-arguments.js';
import { readServerOptions, SERVER_ARGUMENTS, type ServerOptions } from '../options/read-server-options.js';

/** Options of `dev`, checked. */
export interface DevOptions extends ServerOptions {
  readonly host: string;
  readonly file: string | undefined;
  readonly token: string | undefined;
  readonly allowedHosts: readonly string[];
  readonly basePath: string | undefined;
  /** Another ingestion API that all received records are forwarded to. */
  readonly forwardTo: ForwardTarget | undefined;
  /** Targets that requests may be sent to. */
  readonly outgoing: OutgoingOptions;
  readonly open: boolean;
  readonly help: boolean;
  /** Command of the application to run, with its arguments. Empty: none. */
  readonly command: readonly string[];
}

/** Options of `dev`. A test holds its help to them. */
export const DEV_ARGUMENTS = {
  port: { type: 'string' },
  host: { type: 'string' },
  file: { type: 'string' },
  token: { type: 'string' },
  'forward-to': { type: 'string' },
  'forward-key': { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  'base-path': { type: 'string' },
  'retention-days': { type: 'string' },
  'text-retention-days': { type: 'string' },
  open: { type: 'boolean' },
  ...SERVER_ARGUMENTS,
  ...OUTGOING_ARGUMENTS,
  help: { type: 'boolean', short: 'h' },
} as const satisfies Readonly<Record<string, ArgumentSpec>>;

/**
 * Reads the arguments of `dev`.
 *
 * @throws CommandError if one is unknown or wrong.
 */
export function readDevOptions(
  args: readonly string[],
  environment: Environment = processEnvironment(),
): DevOptions {
  const split = args.includes('--') ? args.indexOf('--') : args.length;
  const given = readArguments(args.slice(0, split), DEV_ARGUMENTS, environment);
  return {
    ...readServerOptions(given),
    host: given.text('host') ?? '127.0.0.1',
    file: given.text('file'),
    token: given.text('token'),
    allowedHosts: given.list('allow-host'),
    basePath: given.text('base-path'),
    forwardTo: readForwarding(given, environment),
    outgoing: readOutgoing(given, environment),
    open: given.flag('open'),
    help: given.flag('help'),
    command: args.slice(split + 1),
  };
}

function readForwarding(given: Arguments, environment: Environment): ForwardTarget | undefined {
  const host = given.text('forward-to');
  const key = given.text('forward-key');
  if (host === undefined) {
    if (key === undefined) return undefined;
    throw new CommandError(
      `--forward-key needs --forward-to, because there is no default host. The hosted service was at ${TRUBRICS_CLOUD}`,
      2,
    );
  }
  const apiKey = key ?? environment['TRUBRICS_API_KEY'];
  const target = { host, ...(apiKey !== undefined && { apiKey }) };
  try {
    checkIngestionTarget(target);
  } catch (error) {
    // Only the first sentence: the rest is about options in code.
    throw new CommandError(
      `--forward-to: ${firstSentence(error)}. The key is taken from --forward-key or TRUBRICS_API_KEY`,
      2,
    );
  }
  return target;
}
