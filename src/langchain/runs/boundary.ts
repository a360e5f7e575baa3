import { diag } from '@opentelemetry/api';

const logger = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-trubrics' });
let failures = 0;

/** The boundary to the application: what goes wrong in `work` is told by {@link reportFailure}. Inside, errors may be errors. */
export function guard(callback: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    reportFailure(callback, error);
  }
}

/**
 * What went wrong is a line in OpenTelemetry's diagnostics, never an exception in a LangChain run, once and then whenever the count
 * reaches a power of ten.
 */
export function reportFailure(callback: string, error: unknown): void {
  failures += 1;
  // The message of an error may quote a prompt: its class is enough to find the place.
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  if (Number.isInteger(Math.log10(failures)))
    logger.error(`LangChain callback ${callback} failed with ${kind} (failure ${failures} in this process)`);
}

/** Says something once in the life of a process. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  logger.warn(message);
}

const warned = new Set<string>();
