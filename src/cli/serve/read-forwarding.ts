import { environmentVariable, type Environment } from '../../common/options/environment.js';
import { checkIngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { parseKeys } from '../../server/security/credentials/parse-variables.js';
import { CommandError } from '../command-error.js';
import { firstSentence } from '../first-sentence.js';
import type { Arguments } from '../options/read-arguments.js';
import { orCommandError } from './read-credentials.js';
import { SERVE_SECRETS } from './serve-arguments.js';

/** Destination of the records that a server passes on. */
export interface ForwardOptions {
  readonly host: string;
  /** For projects without a key of their own. */
  readonly apiKey?: string | undefined;
  readonly keys: ReadonlyMap<string, string>;
}

/** Reads the destination of the records that are passed on, and the keys for it. @throws CommandError */
export function readForwarding(given: Arguments, environment: Environment): ForwardOptions | undefined {
  const host = given.text('forward-to');
  const keys = environmentVariable(SERVE_SECRETS.forwardKeys, environment);
  const own = environmentVariable(SERVE_SECRETS.forwardKey, environment);
  if (host === undefined) {
    if (keys === undefined && own === undefined) return undefined;
    throw new CommandError(
      `${keys === undefined ? SERVE_SECRETS.forwardKey : SERVE_SECRETS.forwardKeys} needs --forward-to URL`,
      2,
    );
  }
  const apiKey = own ?? environmentVariable('TRUBRICS_API_KEY', environment);
  const byProject = orCommandError(() => parseForwardKeys(keys));
  try {
    for (const key of byProject.size > 0 && apiKey === undefined ? byProject.values() : [apiKey])
      checkIngestionTarget({ host, ...(key !== undefined && { apiKey: key }) });
  } catch (error) {
    throw new CommandError(
      `${given.source('forward-to')}: ${firstSentence(error) ?? ''}. The key is taken from ${SERVE_SECRETS.forwardKey}`,
      2,
    );
  }
  return { host, apiKey, keys: byProject };
}

/** Reads `project=key,…`. The keys themselves are needed, so that they are not hashed. */
function parseForwardKeys(text: string | undefined): ReadonlyMap<string, string> {
  if (text === undefined) return new Map();
  parseKeys(text, SERVE_SECRETS.forwardKeys);
  return new Map(
    text.split(',').map((item) => {
      const end = item.indexOf('=');
      return [item.slice(0, end).trim(), item.slice(end + 1).trim()];
    }),
  );
}
