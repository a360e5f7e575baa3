import { parseArgs } from 'node:util';
import { CommandError } from '../command-error.js';
import { parsedBy } from '../options/parsed-by.js';
import { readServer } from '../options/server-address.js';
import { readDuration } from '../options/read-duration.js';

/** Options of `export`, checked. */
export interface ExportCommandOptions {
  /** Address of the server, with the path of its project, without a slash at its end. */
  readonly base: string;
  readonly token?: string;
  readonly format: 'jsonl' | 'csv' | 'parquet';
  readonly filters: URLSearchParams;
  /** Undefined: the standard output. */
  readonly output?: string;
  /** File that says what was exported before: only what has changed since is written. */
  readonly cursorFile?: string;
  readonly giveUpMs: number;
  readonly help: boolean;
}

const FILTERS = {
  user: { type: 'string', multiple: true },
  thread: { type: 'string', multiple: true },
  model: { type: 'string', multiple: true },
  tag: { type: 'string', multiple: true },
  event: { type: 'string', multiple: true },
  about: { type: 'string', multiple: true },
  kind: { type: 'string', multiple: true },
  error: { type: 'string', multiple: true },
  q: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  segment: { type: 'string', multiple: true },
  internal: { type: 'string' },
} as const;

const OPTIONS = {
  from: { type: 'string' },
  project: { type: 'string' },
  format: { type: 'string' },
  output: { type: 'string', short: 'o' },
  'cursor-file': { type: 'string' },
  prop: { type: 'string', multiple: true },
  'give-up-after': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  ...FILTERS,
} as const;

/**
 * Reads the arguments of `export`.
 *
 * @throws CommandError if one is unknown or wrong.
 */
export function readExportOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ExportCommandOptions {
  const { values } = parsedBy(() =>
    parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }),
  );
  const format = readFormat(values.format, values.output);
  const { from: address, project } = values;
  const server = readServer({ option: '--from', address, project }, environment);
  for (const name of Object.keys(FILTERS) as (keyof typeof FILTERS)[])
    for (const value of [values[name] ?? []].flat()) server.filters.append(name, value);
  for (const condition of values.prop ?? []) addProperty(server.filters, condition);
  // Unlike a page, a copy has everything unless it is told otherwise.
  if (!server.filters.has('internal')) server.filters.set('internal', 'show');
  return {
    ...server,
    format,
    ...(values.output !== undefined && values.output !== '-' && { output: values.output }),
    ...readCursorFile(values['cursor-file'], format),
    giveUpMs: readDuration('--give-up-after', values['give-up-after'] ?? '10m'),
    help: values.help ?? false,
  };
}

/** @throws CommandError */
function readFormat(format = 'jsonl', output?: string): ExportCommandOptions['format'] {
  if (format !== 'jsonl' && format !== 'csv' && format !== 'parquet')
    throw new CommandError(`--format must be jsonl, csv or parquet, not "${format}"`, 2);
  // The end of the file says where its parts are, and a terminal shows none of it.
  if (format === 'parquet' && (output === undefined || output === '-'))
    throw new CommandError('--format parquet needs a file: --output FILE', 2);
  return format;
}

/** @throws CommandError */
function readCursorFile(
  cursorFile: string | undefined,
  format: string,
): Pick<ExportCommandOptions, 'cursorFile'> {
  if (cursorFile === undefined) return {};
  if (cursorFile === '') throw new CommandError('--cursor-file must not be empty', 2);
  if (format === 'csv') throw new CommandError('--cursor-file needs --format jsonl or parquet', 2);
  return { cursorFile };
}

/** Adds the filter for `NAME=VALUE`. @throws CommandError */
export function addProperty(filters: URLSearchParams, condition: string): void {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(condition) ?? [];
  if (name === undefined) throw new CommandError(`--prop must be NAME=VALUE, not "${condition}"`, 2);
  filters.append(`prop.${name}`, value ?? '');
}
