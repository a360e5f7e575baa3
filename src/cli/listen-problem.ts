import { asRecord, asText, codeOf } from '../common/unknown-values.js';
import { CommandError } from './command-error.js';

/** Returns the line about an address that a server cannot listen at; undefined if the error is another one. */
export function listenProblem(error: unknown, port: number, host: string): CommandError | undefined {
  const { syscall } = asRecord(error);
  if (syscall !== 'listen' && syscall !== 'getaddrinfo') return undefined;
  return new CommandError(problemOf(asText(codeOf(error)), port, host), 1);
}

function problemOf(code: string | undefined, port: number, host: string): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken, perhaps by another "dev" or "serve". Choose one with --port N; 0 takes a free one`;
  if (code === 'EACCES') return `Port ${port} may not be used. Choose one above 1023 with --port N`;
  return `Cannot listen at ${host}, port ${port} (${code ?? 'unknown'})`;
}
