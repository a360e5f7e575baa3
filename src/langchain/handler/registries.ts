import { ProxyTracerProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { endAbandonedRun } from '../spans/chain-span.js';
import { endAbandonedModel } from '../spans/model-span.js';
import { type Run, INSTRUMENTATION_SCOPE } from '../runs/run.js';
import { RunRegistry } from '../runs/run-registry.js';

const registries = new WeakMap<TracerProvider, RunRegistry>();
/** Result of the last look-up. Nearly all applications have one provider. */
let latest: { readonly provider: TracerProvider; readonly registry: RunRegistry } | undefined;

/** Returns the registry of a provider. Default: the global provider; its proxy stands for the provider registered behind it. */
export function registryOf(provider: TracerProvider | undefined): RunRegistry {
  const given = provider ?? trace.getTracerProvider();
  const actual = given instanceof ProxyTracerProvider ? given.getDelegate() : given;
  if (latest?.provider !== actual) latest = { provider: actual, registry: findOrCreate(actual) };
  return latest.registry;
}

function findOrCreate(provider: TracerProvider): RunRegistry {
  let registry = registries.get(provider);
  if (!registry) {
    registry = new RunRegistry(provider.getTracer(INSTRUMENTATION_SCOPE), endAbandoned);
    registries.set(provider, registry);
  }
  return registry;
}

function endAbandoned(run: Run): void {
  switch (run.type) {
    case 'chat_model':
    case 'llm':
      return endAbandonedModel(run);
    case 'chain':
    case 'tool':
    case 'retriever':
      return endAbandonedRun(run);
  }
}
