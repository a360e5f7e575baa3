import { DEFAULT_PORT } from '../../server/http/start-server.js';
import { isTraceUrlTemplate, TRACE_URL_SHAPE } from '../../server/model/trace-url.js';
import { CommandError } from '../command-error.js';
import type { Arguments, ArgumentSpec } from './read-arguments.js';

/** More do not fit into the memory of a process of Node.js, even if they are short. */
const MAX_RECORDS = 10_000_000;
/** A hundred years. */
const MAX_RETENTION_DAYS = 36_500;

/** Options of `dev` and `serve` that have one variable in both, beside those of `readOutgoing()`. */
export const SERVER_ARGUMENTS = {
  'max-records': { type: 'string', env: 'TRUBRICS_MAX_RECORDS' },
  prices: { type: 'string', env: 'TRUBRICS_PRICES' },
  'trace-url': { type: 'string', env: 'TRUBRICS_TRACE_URL' },
  'organization-property': { type: 'string', env: 'TRUBRICS_ORGANIZATION_PROPERTY' },
} as const satisfies Readonly<Record<string, ArgumentSpec>>;

/** Options that `dev` and `serve` have in common, beside those of `readOutgoing()`. */
export interface ServerOptions {
  readonly port: number;
  /** Above this, the oldest records are evicted. */
  readonly maxRecords: number | undefined;
  /** Undefined: nothing is deleted by itself. */
  readonly retentionDays: number | undefined;
  /** Undefined: texts are kept as long as their records. */
  readonly textRetentionDays: number | undefined;
  /** Template of the addresses of traces. */
  readonly traceUrl: string | undefined;
  /** Property that names organizations. */
  readonly organizationProperty: string | undefined;
  /** File of own prices. */
  readonly prices: string | undefined;
}

/** @throws CommandError */
export function readServerOptions(given: Arguments): ServerOptions {
  const retentionDays = readNumber(given, 'retention-days', 1, MAX_RETENTION_DAYS);
  const textRetentionDays = readNumber(given, 'text-retention-days', 1, MAX_RETENTION_DAYS);
  if (textRetentionDays !== undefined && textRetentionDays >= (retentionDays ?? Infinity))
    throw new CommandError(
      '--text-retention-days must be less than --retention-days, which deletes texts as well',
      2,
    );
  return {
    port: readNumber(given, 'port', 0, 65_535) ?? DEFAULT_PORT,
    maxRecords: readNumber(given, 'max-records', 1, MAX_RECORDS),
    retentionDays,
    textRetentionDays,
    traceUrl: readTraceUrl(given),
    organizationProperty: given.text('organization-property'),
    prices: given.text('prices'),
  };
}

/** Returns a whole number; undefined if it is not given. @throws CommandError */
export function readNumber(given: Arguments, name: string, least: number, most: number): number | undefined {
  const text = given.text(name);
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new CommandError(
    `${given.source(name)} must be a whole number ${range}, not "${text.slice(0, 40)}"`,
    2,
  );
}

function readTraceUrl(given: Arguments): string | undefined {
  const template = given.text('trace-url');
  if (template !== undefined && !isTraceUrlTemplate(template))
    throw new CommandError(`${given.source('trace-url')} must be ${TRACE_URL_SHAPE}`, 2);
  return template;
}
