import { parseArgs } from 'node:util';
import { checkIngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { INGESTION_PATH } from '../../server/http/paths.js';
import type { ImportTarget } from '../../transfer/sending/import-api.js';
import { STDIN } from '../../transfer/input/byte-source.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import { parsedBy } from '../options/parsed-by.js';
import { LOCAL_SERVER, readServerAddress } from '../options/server-address.js';
import { readDuration } from '../options/read-duration.js';

/** Options of `import`, checked. */
export interface ImportCommandOptions {
  /** Paths; `-` is the standard input. */
  readonly files: readonly string[];
  readonly target: ImportTarget;
  readonly isDryRun: boolean;
  /** Undefined: beside the first file. */
  readonly checkpoint?: string;
  /** File that gets a line of JSON for each thing that was left out. */
  readonly skippedFile?: string;
  readonly giveUpMs: number;
  readonly help: boolean;
}

const OPTIONS = {
  to: { type: 'string' },
  'allow-insecure': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  checkpoint: { type: 'string' },
  skipped: { type: 'string' },
  'give-up-after': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const DEFAULT_GIVE_UP = '10m';

/**
 * Reads the arguments of `import`.
 *
 * @throws CommandError if one is unknown or wrong.
 */
export function readImportOptions(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): ImportCommandOptions {
  const { values, positionals } = parsedBy(() =>
    parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true }),
  );
  const help = values.help ?? false;
  if (!help && positionals.length === 0)
    throw new CommandError(`import needs the name of a file, or ${STDIN} for the standard input`, 2);
  if (positionals.filter((file) => file === STDIN).length > 1)
    throw new CommandError(`The standard input (${STDIN}) can be read only once`, 2);
  return {
    files: positionals,
    target: readTarget(values.to, values['allow-insecure'] ?? false, environment),
    isDryRun: values['dry-run'] ?? false,
    ...(values.checkpoint !== undefined && { checkpoint: values.checkpoint }),
    ...(values.skipped !== undefined && { skippedFile: values.skipped }),
    giveUpMs: readDuration('--give-up-after', values['give-up-after'] ?? DEFAULT_GIVE_UP),
    help,
  };
}

function readTarget(
  option: string | undefined,
  allowInsecure: boolean,
  environment: NodeJS.ProcessEnv,
): ImportTarget {
  const given = option ?? (environment['TRUBRICS_HOST'] || LOCAL_SERVER);
  try {
    return checkIngestionTarget({ host: withIngestionPath(given), allowInsecure });
  } catch (error) {
    const sentence = firstSentence(error);
    const advice = /plain http/.test(sentence ?? '')
      ? '. --allow-insecure permits it in a trusted network'
      : '';
    throw new CommandError(`--to: ${sentence}. The key is taken from TRUBRICS_API_KEY${advice}`, 2);
  }
}

/** Completes the address of a page, which is a usual way to name a server. The key decides the project, not the address. */
function withIngestionPath(given: string): string {
  const address = readServerAddress(given);
  if (!address || /\/api\/|[?#]/.test(given)) return given;
  return address.server + INGESTION_PATH;
}
