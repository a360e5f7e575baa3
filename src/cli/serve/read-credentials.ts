import { environmentVariable, type Environment } from '../../common/options/environment.js';
import {
  CredentialsError,
  joinCredentials,
  NO_CREDENTIALS,
  type Credentials,
} from '../../server/security/credentials/credentials.js';
import { parseKeys, parseTokens } from '../../server/security/credentials/parse-variables.js';
import { CommandError } from '../command-error.js';
import { SERVE_SECRETS } from './serve-arguments.js';

/** Reads keys and tokens of the environment. @throws CommandError */
export function readCredentials(environment: Environment): Credentials {
  const keys = environmentVariable(SERVE_SECRETS.keys, environment);
  const tokens = environmentVariable(SERVE_SECRETS.tokens, environment);
  return orCommandError(() =>
    joinCredentials(NO_CREDENTIALS, {
      keys: keys === undefined ? [] : parseKeys(keys, SERVE_SECRETS.keys),
      tokens: tokens === undefined ? [] : parseTokens(tokens, SERVE_SECRETS.tokens),
      users: [],
    }),
  );
}

/** Returns the result of `work`, and turns errors about credentials into those of a command. */
export function orCommandError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CredentialsError) throw new CommandError(error.message, 2);
    throw error;
  }
}
