import { diag } from '@opentelemetry/api';

/** Writes to OpenTelemetry's diagnostics. Messages never contain prompts, answers or keys. */
export const logger = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-trubrics' });

const warned = new Set<string>();

/** Writes a warning once in the life of the process. */
export function warnOnce(message: string): void {
  if (!isNew(message)) return;
  logger.warn(message);
}

/**
 * Tells the person who runs the application about a fault of its configuration, once in the life of the process.
 *
 * Diagnostics are silent until the application sets a logger. On Node, Bun and Deno the message is therefore a process warning as
 * well, of the type `TrubricsWarning`, which goes to the standard error stream.
 */
export function warnUserOnce(message: string): void {
  if (!isNew(message)) return;
  logger.warn(message);
  warnProcess(message);
}

/** Writes a process warning on Node, Bun and Deno. The caller has logged the message, and limits the number of warnings. */
export function warnProcess(message: string): void {
  const { process } = globalThis as { process?: { emitWarning?: (text: string, options: object) => void } };
  try {
    process?.emitWarning?.(message, { type: 'TrubricsWarning' });
  } catch {
    // The edge runtime of Next.js has members of `process` that throw when they are called.
  }
}

function isNew(message: string): boolean {
  if (warned.has(message)) return false;
  warned.add(message);
  return true;
}
