import { spawn } from 'node:child_process';
import { CommandError } from '../command-error.js';

/**
 * Runs a command on this terminal with additional environment variables. Resolves with its exit code.
 *
 * @throws CommandError if it cannot be started.
 */
export function runApplication(
  [command = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
      // On Windows, npm and similar commands are scripts, which only a shell can start.
      shell: process.platform === 'win32',
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError(`Cannot run ${command} (${error.code ?? error.message})`, 1)),
    );
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}
