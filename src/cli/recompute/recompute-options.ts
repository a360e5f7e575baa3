import { parseArgs } from 'node:util';
import { DEFAULT_PORT } from '../../server/http/start-server.js';
import { projectPath } from '../../server/team/team-environment.js';
import { CommandError } from '../command-error.js';
import { parsedBy } from '../transfer/option-values.js';
import { readServerAddress } from '../transfer/server-address.js';

/** Default address of `dev`. */
const LOCAL = `http://127.0.0.1:${DEFAULT_PORT}`;

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
  const given = values.to ?? (environment['TRUBRICS_HOST'] || LOCAL);
  const address = readServerAddress(given);
  if (!address)
    throw new CommandError(`--to must be the address of a server, for instance ${LOCAL}, not "${given}"`, 2);
  const project = values.project ?? address.project;
  const isDryRun = values['dry-run'] ?? false;
  const params = new URLSearchParams({ scope: values.all ? 'all' : 'gaps', dry: String(isDryRun) });
  for (const name of ['since', 'until'] as const) {
    const value = values[name];
    if (value !== undefined) params.set(name, value);
  }
  const token = environment['TRUBRICS_TOKEN'] || undefined;
  return {
    base: project === undefined ? address.server : address.server + projectPath(encodeURIComponent(project)),
    ...(token !== undefined && { token }),
    params,
    isDryRun,
    help: values.help ?? false,
  };
}
