type ExitCode = 1 | 2 | 4;

/** An error that the command prints as one line: a mistake of the user, or a fault of the machine. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 2 for a wrong command line, 1 for an error while the command runs, 4 if it can be repeated. */
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}
