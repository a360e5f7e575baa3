/** An error that the command prints as one line: a mistake of the user, or a fault of the machine. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 2 for a wrong command line, 1 for an error while the command runs. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
