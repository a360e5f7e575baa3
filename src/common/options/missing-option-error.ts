import type { OptionSpec } from './define-options.js';

/** Thrown if a key, an account or another required option is missing. For an option of a wrong kind, a plain `TypeError` is thrown. */
export class MissingOptionError extends TypeError {
  override readonly name = 'MissingOptionError';
}

/** Returns the error for an option that is not given. Rows of required options have it: `required: missingOption`. */
export function missingOption(
  path: string,
  { accepts, advice }: OptionSpec,
  variable: string | undefined,
): MissingOptionError {
  const how = variable ? ` Set it, or the environment variable ${variable}.` : '';
  return new MissingOptionError(
    `Option "${path}" is missing.${how} It must be ${accepts}.${advice ? ` ${advice}` : ''}`,
  );
}
