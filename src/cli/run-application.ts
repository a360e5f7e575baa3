import { spawn } from 'node:child_process';
import { CommandError } from './command-error.js';

/** Runs a command with more environment, on this terminal, and resolves to its exit code. @throws CommandError */
export function runApplication(
  [command = '', ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: { ...process.env, ...environment },
      // npm and its kin are scripts there, which only a shell starts.
      shell: process.platform === 'win32',
    });
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(new CommandError(`Cannot run ${command} (${error.code ?? error.message})`, 1)),
    );
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}
