import { diag } from '@opentelemetry/api';

/** Writes to OpenTelemetry's diagnostics. Messages never contain prompts, answers or keys. */
export const logger = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-trubrics' });

const warned = new Set<string>();

/** Writes a warning once in the life of the process. */
export function warnOnce(message: string): void {
  if (warned.has(message)) return;
  warned.add(message);
  logger.warn(message);
}
