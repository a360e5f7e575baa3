import { parseArgs } from 'node:util';
import { parsedBy } from '../options/parsed-by.js';
import { readServer } from '../options/server-address.js';

/** Options of `recompute`, checked. */
export interface RecomputeOptions {
  /** Address of the server with its project, without a slash at its end. */
  readonly base: string;
  readonly token?: string;
  /** Parameters of `POST /api/recompute`. */
  readonly params: URLSearchParams;
  readonly isDryRun: boolean;
  readonly help: boolean;
}

const OPTIONS = {
  to: { type: 'string' },
  project: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  all: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the arguments of `recompute`.
 *
 * @throws CommandError if one is unknown or wrong
 */
export function readRecomputeOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): RecomputeOptions {
  const { values } = parsedBy(() =>
    parseArgs({ args: [...args], options: OPTIONS, allowPositionals: false }),
  );
  const { to: address, project } = values;
  const { base, token } = readServer({ option: '--to', address, project }, environment);
  const isDryRun = values['dry-run'] ?? false;
  const params = new URLSearchParams({ scope: values.all ? 'all' : 'gaps', dry: String(isDryRun) });
  for (const name of ['since', 'until'] as const) {
    const value = values[name];
    if (value !== undefined) params.set(name, value);
  }
  return {
    base,
    ...(token !== undefined && { token }),
    params,
    isDryRun,
    help: values.help ?? false,
  };
}
