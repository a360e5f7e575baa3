import { diag } from '@opentelemetry/api';

const log = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-trubrics' });
const seen = new Map<string, number>();

/**
 * Runs `fn` at the border to the application: an error of ours must never reach it (an exception in `SpanProcessor.onEnd`
 * would surface in the application's `span.end()`). It is logged once per place, then only when the count reaches a power of ten.
 * `onError` counts what was lost by it; it must not throw.
 */
export function guard<T>(place: string, fn: () => T, onError?: () => void): T | undefined {
  try {
    return fn();
  } catch (error) {
    const count = (seen.get(place) ?? 0) + 1;
    seen.set(place, count);
    // The class alone: a message could quote a prompt.
    if (Number.isInteger(Math.log10(count))) log.error(`${place} failed ${count} time(s): ${nameOf(error)}`);
    onError?.();
    return undefined;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
