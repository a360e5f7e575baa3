import { type Context, createContextKey } from '@opentelemetry/api';

/** The first run that opens in a context. */
export interface FirstRun {
  runId: string | undefined;
}

const FIRST_RUN = createContextKey('opentelemetry-exporter-trubrics.first-run');

/** A context whose first run is told to `first`. */
export function withFirstRun(outer: Context, first: FirstRun): Context {
  return outer.setValue(FIRST_RUN, first);
}

export function noteFirstRun(active: Context, runId: string): void {
  const first = active.getValue(FIRST_RUN) as FirstRun | undefined;
  if (first) first.runId ??= runId;
}
