/** Thrown if a key, an account or another required option is missing. For an option of a wrong kind, a plain `TypeError` is thrown. */
export class MissingOptionError extends TypeError {
  override readonly name = 'MissingOptionError';
}
