/** A mistake of the user, or a machine that cannot do what was asked: told in one line. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 2 for a wrong command line, 1 for what went wrong while it ran. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
