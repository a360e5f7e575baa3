/** Exit code of a command that could not do everything, and goes on if it is repeated. */
export const UNFINISHED = 4;

type ExitCode = 1 | 2 | typeof UNFINISHED;

/** An error that the command prints as one line: a mistake of the user, or a fault of the machine. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** 2 for a wrong command line, 1 for an error while the command runs, {@link UNFINISHED} if it can be repeated. */
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist: create it, or name another file',
  ENOTDIR: 'a part of its path is a file: name another',
  EISDIR: 'it is a directory: name a file in it',
  EACCES: 'this user may not: change its owner, or name another file',
  EPERM: 'this user may not: change its owner, or name another file',
  EROFS: 'its disk is read-only: name a file on another',
  ENOSPC: 'its disk is full',
};

/** Returns the error about a file of records that cannot be opened. `code` is that of Node.js. */
export function fileError(shown: string, code: string): CommandError {
  const problem = Object.hasOwn(FILE_PROBLEMS, code) ? `: ${FILE_PROBLEMS[code]}` : '';
  return new CommandError(`Cannot read and write ${shown} (${code})${problem}`, 1);
}
