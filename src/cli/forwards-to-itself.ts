import { CommandError } from './command-error.js';

/** Returns the error for a server that would forward to itself, without end; undefined if it does not. */
export function forwardsToItself(forwardTo: string | undefined, url: string): CommandError | undefined {
  if (forwardTo === undefined || new URL(forwardTo).host !== new URL(url).host) return undefined;
  return new CommandError(`--forward-to ${forwardTo} is this server: name another`, 2);
}
