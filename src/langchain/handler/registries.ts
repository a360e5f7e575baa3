import { ProxyTracerProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { endAbandonedRun } from '../spans/chain-span.js';
import { endAbandonedModel } from '../spans/model-span.js';
import { type Run, SCOPE } from '../runs/run.js';
import { RunRegistry } from '../runs/run-registry.js';

const registries = new WeakMap<TracerProvider, RunRegistry>();
/** An application has one provider, as a rule. */
let latest: { readonly provider: TracerProvider; readonly registry: RunRegistry } | undefined;

/** The open runs of a provider; of the one behind the global proxy, once that is registered. */
export function registryOf(provider: TracerProvider | undefined): RunRegistry {
  const given = provider ?? trace.getTracerProvider();
  const actual = given instanceof ProxyTracerProvider ? given.getDelegate() : given;
  if (latest?.provider !== actual) latest = { provider: actual, registry: findOrCreate(actual) };
  return latest.registry;
}

function findOrCreate(provider: TracerProvider): RunRegistry {
  let registry = registries.get(provider);
  if (!registry) {
    registry = new RunRegistry(provider.getTracer(SCOPE), endAbandoned);
    registries.set(provider, registry);
  }
  return registry;
}

function endAbandoned(run: Run): void {
  if (run.partial) endAbandonedModel(run);
  else endAbandonedRun(run);
}
