import { diag } from '@opentelemetry/api';

const log = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-trubrics' });

/**
 * Tells the person who runs the application about a fault of its configuration, once for each message.
 *
 * `diag` alone is silent until the application sets a logger. On Node, Bun and Deno the message is a process warning as well, of the
 * type `TrubricsWarning`, which goes to the standard error stream unless the application handles warnings.
 */
export function warnUser(message: string): void {
  if (told.has(message)) return;
  if (told.size < MAX_MESSAGES) told.add(message);
  const { process } = globalThis as { process?: { emitWarning?: (text: string, options: object) => void } };
  if (typeof process?.emitWarning === 'function') process.emitWarning(message, { type: 'TrubricsWarning' });
  log.warn(message);
}

const MAX_MESSAGES = 100;
const told = new Set<string>();
