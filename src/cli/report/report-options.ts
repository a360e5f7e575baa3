import { parseArgs } from 'node:util';
import { CommandError } from '../command-error.js';
import { parsedBy } from '../options/parsed-by.js';
import { readServer } from '../options/server-address.js';
import { parseStore, type StoreChoice } from '../serve/parse-store.js';
import { addProperty } from '../transfer/export-options.js';

export const REPORT_FORMATS = ['text', 'html', 'md'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Source of a report's records. */
export type ReportSource =
  | { readonly kind: 'server'; readonly base: string; readonly token?: string }
  | { readonly kind: 'files'; readonly files: readonly string[] }
  | { readonly kind: 'store'; readonly store: StoreChoice; readonly project: string };

/** Options of `report`, checked. The server checks the period. */
export interface ReportOptions {
  readonly source: ReportSource;
  /** Parameters of `GET /api/summary`. */
  readonly params: URLSearchParams;
  readonly format: ReportFormat;
  /** Undefined: the standard output. */
  readonly output?: string;
  readonly help: boolean;
}

const DEFAULT_SINCE = '7d';
const PERIODS = ['day', 'week', 'month'];

/** Former names of `--from` and `--output`, which `export` has as well. */
const FORMER_NAMES = { url: { type: 'string' }, out: { type: 'string' } } as const;

const OPTIONS = {
  ...FORMER_NAMES,
  from: { type: 'string' },
  file: { type: 'string', multiple: true },
  store: { type: 'string' },
  project: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  period: { type: 'string' },
  against: { type: 'string' },
  timezone: { type: 'string' },
  user: { type: 'string', multiple: true },
  model: { type: 'string', multiple: true },
  tag: { type: 'string', multiple: true },
  segment: { type: 'string', multiple: true },
  prop: { type: 'string', multiple: true },
  internal: { type: 'string' },
  format: { type: 'string' },
  output: { type: 'string', short: 'o' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parseReportArgs>;

/**
 * Reads the arguments of `report`.
 *
 * @throws CommandError if one is unknown or wrong
 */
export function readReportOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ReportOptions {
  const values = parseReportArgs(args);
  const { source, filters } = readSource(values, environment);
  return {
    source,
    params: readParams(values, filters),
    format: readFormat(values),
    ...(values.output !== undefined && values.output !== '-' && { output: values.output }),
    help: values.help ?? false,
  };
}

function parseReportArgs(args: readonly string[]) {
  const parse = () => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false });
  const { url, out, ...values } = parsedBy(parse).values;
  return { ...values, from: values.from ?? url, output: values.output ?? out };
}

/** Returns the source, and the filters of the page whose address was given. @throws CommandError */
function readSource(
  values: Values,
  environment: NodeJS.ProcessEnv,
): { readonly source: ReportSource; readonly filters: URLSearchParams } {
  const { from, file, store, project } = values;
  if ([from, file, store].filter((value) => value !== undefined).length > 1)
    throw new CommandError('Name one of --from, --file and --store', 2);
  const filters = new URLSearchParams();
  if (file) {
    if (project !== undefined) throw new CommandError('--project goes with --from or --store', 2);
    if (file.includes('')) throw new CommandError('--file must not be empty', 2);
    return { source: { kind: 'files', files: file }, filters };
  }
  if (store !== undefined) {
    const choice = parseStore(store, '--store', environment);
    if (choice.kind === 'memory' || choice.kind === 'none')
      throw new CommandError(`--store ${store} keeps nothing: name file:PATH or clickhouse://…`, 2);
    return { source: { kind: 'store', store: choice, project: project ?? 'default' }, filters };
  }
  const { filters: inAddress, ...server } = readServer(
    { option: '--from', address: from, project },
    environment,
  );
  return { source: { kind: 'server', ...server }, filters: inAddress };
}

/** @throws CommandError */
function readParams(values: Values, filters: URLSearchParams): URLSearchParams {
  const params = new URLSearchParams(filters);
  for (const name of ['user', 'model', 'tag', 'segment'] as const)
    for (const value of values[name] ?? []) params.append(name, value);
  for (const condition of values.prop ?? []) addProperty(params, condition);
  for (const name of ['since', 'until', 'against', 'internal'] as const) {
    const value = values[name];
    if (value !== undefined) params.set(name, value);
  }
  if (values.timezone !== undefined) params.set('timezone', values.timezone);
  const { period } = values;
  if (period === undefined) {
    if (!params.has('since')) params.set('since', DEFAULT_SINCE);
    return params;
  }
  if (!PERIODS.includes(period)) throw new CommandError(`--period must be one of ${PERIODS.join(', ')}`, 2);
  if (values.since !== undefined || values.until !== undefined)
    throw new CommandError('--period takes the place of --since and --until', 2);
  for (const name of ['since', 'until']) params.delete(name);
  params.set('period', period);
  params.set('parts', 'complete');
  return params;
}

/** @throws CommandError */
function readFormat({ format, output = '' }: Values): ReportFormat {
  const byEnding = /\.html?$/i.test(output) ? 'html' : /\.(?:md|markdown)$/i.test(output) ? 'md' : 'text';
  const known = REPORT_FORMATS.find((name) => name === (format ?? byEnding));
  if (!known)
    throw new CommandError(`--format must be one of ${REPORT_FORMATS.join(', ')}, not "${format}"`, 2);
  return known;
}
