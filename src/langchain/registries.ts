import { ProxyTracerProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { endAbandonedRun } from './chain-span.js';
import { endAbandonedModel } from './model-span.js';
import type { Run } from './run.js';
import { RunRegistry } from './run-registry.js';
import { SCOPE } from './scope.js';

const registries = new WeakMap<TracerProvider, RunRegistry>();

/** The open runs of a provider; of the one behind the global proxy, once that is registered. */
export function registryOf(provider: TracerProvider | undefined): RunRegistry {
  const given = provider ?? trace.getTracerProvider();
  const actual = given instanceof ProxyTracerProvider ? given.getDelegate() : given;
  let registry = registries.get(actual);
  if (!registry) {
    registry = new RunRegistry(actual.getTracer(SCOPE), endAbandoned);
    registries.set(actual, registry);
  }
  return registry;
}

function endAbandoned(run: Run): void {
  if (run.partial) endAbandonedModel(run);
  else endAbandonedRun(run);
}
