import { hasMethod } from '../../common/unknown-values.js';
import { type ProxyTracerProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { endAbandonedRun } from '../spans/chain-span.js';
import { endAbandonedModel } from '../spans/model-span.js';
import { type Run, INSTRUMENTATION_SCOPE } from '../runs/run.js';
import { RunRegistry } from '../runs/run-registry.js';

/**
 * The registries live on a global symbol, so that the ESM and the CommonJS copy of this package share them, and a call that has a handler
 * of each gets one span. The number changes with the members of `RunRegistry` and `Run`: copies of other versions keep apart.
 */
const REGISTRIES = Symbol.for('opentelemetry-exporter-trubrics.run-registries.1');

type Registries = WeakMap<TracerProvider, RunRegistry>;

/** Result of the last look-up. Nearly all applications have one provider. */
let latest: { readonly provider: TracerProvider; readonly registry: RunRegistry } | undefined;

/** Returns the registry of a provider. Default: the global provider; its proxy stands for the provider registered behind it. */
export function registryOf(provider: TracerProvider | undefined): RunRegistry {
  const given = provider ?? trace.getTracerProvider();
  const actual = isProxy(given) ? given.getDelegate() : given;
  if (latest?.provider !== actual) latest = { provider: actual, registry: findOrCreate(actual) };
  return latest.registry;
}

/** Tests the member, because each copy of the API has a class of its own. */
function isProxy(provider: TracerProvider): provider is ProxyTracerProvider {
  return hasMethod(provider, 'getDelegate');
}

function findOrCreate(provider: TracerProvider): RunRegistry {
  const registries = sharedRegistries();
  let registry = registries.get(provider);
  if (!registry) {
    registry = new RunRegistry(provider.getTracer(INSTRUMENTATION_SCOPE), endAbandoned);
    registries.set(provider, registry);
  }
  return registry;
}

function sharedRegistries(): Registries {
  const holder = globalThis as { [REGISTRIES]?: Registries };
  holder[REGISTRIES] ??= new WeakMap();
  return holder[REGISTRIES];
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
