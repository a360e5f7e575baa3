import { parseArgs } from 'node:util';
import { checkIngestionTarget, TRUBRICS_CLOUD } from '../destinations/ingestion/ingestion-target.js';
import type { ForwardTarget } from '../server/index.js';
import type { OutgoingOptions } from '../server/http/outgoing/outgoing.js';
import { DEFAULT_PORT } from '../server/http/start-server.js';
import { isTraceUrlTemplate, TRACE_URL_SHAPE } from '../server/model/trace-url.js';
import { CommandError } from './command-error.js';
import { firstSentence } from './first-sentence.js';
import { readOutgoing } from './outgoing-options.js';

/** Options of `dev`, checked. */
export interface DevOptions {
  readonly port: number;
  readonly host: string;
  readonly file?: string;
  /** Above this, the oldest records are evicted. Environment: `TRUBRICS_MAX_RECORDS`. Default 100,000. */
  readonly maxRecords?: number;
  readonly token?: string;
  readonly allowedHosts: readonly string[];
  readonly basePath?: string;
  /** Another ingestion API that all received records are forwarded to. */
  readonly forwardTo?: ForwardTarget;
  /** Template of the addresses of traces. Environment: `TRUBRICS_TRACE_URL`. */
  readonly traceUrl?: string;
  /** Targets that requests may be sent to. */
  readonly outgoing: OutgoingOptions;
  /** Property that names organizations. Environment: `TRUBRICS_ORGANIZATION_PROPERTY`. Default `organization_id`. */
  readonly organizationProperty?: string;
  /** File of own prices. Environment: `TRUBRICS_PRICES`. */
  readonly prices?: string;
  /** Days after which records are deleted. */
  readonly retentionDays?: number;
  /** Days after which the texts of records are erased. */
  readonly textRetentionDays?: number;
  readonly open: boolean;
  readonly help: boolean;
  /** Command of the application to run, with its arguments. Empty: none. */
  readonly command: readonly string[];
}

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  file: { type: 'string' },
  'max-records': { type: 'string' },
  token: { type: 'string' },
  'forward-to': { type: 'string' },
  'forward-key': { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  'base-path': { type: 'string' },
  'retention-days': { type: 'string' },
  'text-retention-days': { type: 'string' },
  prices: { type: 'string' },
  webhook: { type: 'string', multiple: true },
  'private-target': { type: 'string', multiple: true },
  'label-with': { type: 'string' },
  'label-model': { type: 'string' },
  'label-rate': { type: 'string' },
  'trace-url': { type: 'string' },
  'organization-property': { type: 'string' },
  open: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** More do not fit into the memory of a process of Node.js, even if they are short. */
const MAX_RECORDS = 10_000_000;

/**
 * Reads the arguments of `dev`.
 *
 * @throws CommandError if one is unknown or wrong.
 */
export function readDevOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): DevOptions {
  const split = args.includes('--') ? args.indexOf('--') : args.length;
  const values = parse(args.slice(0, split));
  for (const name of [
    'host',
    'file',
    'token',
    'forward-to',
    'forward-key',
    'prices',
    'organization-property',
  ] as const)
    if (values[name] === '') throw new CommandError(`--${name} must not be empty`, 2);
  const organizationProperty =
    values['organization-property'] ?? (environment['TRUBRICS_ORGANIZATION_PROPERTY'] || undefined);
  const prices = values.prices ?? (environment['TRUBRICS_PRICES'] || undefined);
  return {
    port: readPort(values.port),
    host: values.host ?? '127.0.0.1',
    ...(values.file !== undefined && { file: values.file }),
    ...(values.token !== undefined && { token: values.token }),
    allowedHosts: values['allow-host'] ?? [],
    ...(values['base-path'] !== undefined && { basePath: values['base-path'] }),
    ...readMaxRecords(values['max-records'], environment),
    ...readForwarding(values, environment),
    ...(prices !== undefined && { prices }),
    ...(organizationProperty !== undefined && { organizationProperty }),
    outgoing: readOutgoing(
      {
        webhooks: values.webhook,
        privateTargets: values['private-target'],
        labelWith: values['label-with'],
        labelModel: values['label-model'],
        labelRate: values['label-rate'],
      },
      environment,
    ),
    ...readTraceUrl(values['trace-url'], environment),
    ...readRetention(values['retention-days'], values['text-retention-days']),
    open: values.open ?? false,
    help: values.help ?? false,
    command: args.slice(split + 1),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }).values;
  } catch (error) {
    // Only the first sentence of Node's message: the rest is advice about `parseArgs`.
    const sentence = firstSentence(error);
    throw new CommandError(`${sentence}. --help lists the options`, 2);
  }
}

function readForwarding(
  values: { readonly 'forward-to'?: string | undefined; readonly 'forward-key'?: string | undefined },
  environment: NodeJS.ProcessEnv,
): Pick<DevOptions, 'forwardTo'> {
  const host = values['forward-to'];
  if (host === undefined) {
    if (values['forward-key'] === undefined) return {};
    throw new CommandError(
      `--forward-key needs --forward-to, because there is no default host. The hosted service was at ${TRUBRICS_CLOUD}`,
      2,
    );
  }
  const apiKey = values['forward-key'] ?? environment['TRUBRICS_API_KEY'];
  const target = { host, ...(apiKey !== undefined && { apiKey }) };
  try {
    checkIngestionTarget(target);
  } catch (error) {
    // Only the first sentence: the rest is about options in code.
    const sentence = firstSentence(error);
    throw new CommandError(
      `--forward-to: ${sentence}. The key is taken from --forward-key or TRUBRICS_API_KEY`,
      2,
    );
  }
  return { forwardTo: target };
}

function readTraceUrl(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): Pick<DevOptions, 'traceUrl'> {
  const traceUrl = option ?? (environment['TRUBRICS_TRACE_URL'] || undefined);
  if (traceUrl === undefined) return {};
  const name = option === undefined ? 'TRUBRICS_TRACE_URL' : '--trace-url';
  if (!isTraceUrlTemplate(traceUrl)) throw new CommandError(`${name} must be ${TRACE_URL_SHAPE}`, 2);
  return { traceUrl };
}

function readMaxRecords(
  option: string | undefined,
  environment: NodeJS.ProcessEnv,
): Pick<DevOptions, 'maxRecords'> {
  // An empty variable counts as missing, an empty option does not.
  const text = option ?? (environment['TRUBRICS_MAX_RECORDS'] || undefined);
  if (text === undefined) return {};
  const name = option === undefined ? 'TRUBRICS_MAX_RECORDS' : '--max-records';
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > MAX_RECORDS)
    throw new CommandError(`${name} must be a whole number from 1 to ${MAX_RECORDS}, not "${text}"`, 2);
  return { maxRecords: Number(text) };
}

/** @throws CommandError */
function readDays(name: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) > 0) return Number(text);
  throw new CommandError(`--${name} must be a whole number of days above 0, not "${text}"`, 2);
}

/** @throws CommandError */
function readRetention(
  records: string | undefined,
  texts: string | undefined,
): Pick<DevOptions, 'retentionDays' | 'textRetentionDays'> {
  const options = {
    ...(records !== undefined && { retentionDays: readDays('retention-days', records) }),
    ...(texts !== undefined && { textRetentionDays: readDays('text-retention-days', texts) }),
  };
  if ((options.textRetentionDays ?? 0) >= (options.retentionDays ?? Infinity))
    throw new CommandError(
      '--text-retention-days must be less than --retention-days, which deletes texts as well',
      2,
    );
  return options;
}

function readPort(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PORT;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new CommandError(`--port must be a whole number from 0 to 65535, not "${text}"`, 2);
  return Number(text);
}
