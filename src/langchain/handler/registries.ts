import { sharedState } from '../../common/collections/shared-state.js';
import { type ProxyTracerProvider, type TracerProvider, trace } from '@opentelemetry/api';
import { warnUserOnce } from '../../common/logger.js';
import { endAbandonedRun } from '../spans/chain-span.js';
import { endAbandonedModel } from '../spans/model-span.js';
import { isModelRun, type Run } from '../runs/run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { runTracerOf } from '../runs/run-tracer.js';
import { actualProvider } from '../../common/spans/run-spans.js';

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
  const actual = actualProvider(given);
  if (latest?.provider !== actual) {
    const problem = problemOf(given, actual);
    if (problem !== undefined) warnUserOnce(problem);
  }
  if (latest?.provider !== actual) latest = { provider: actual, registry: findOrCreate(actual) };
  return latest.registry;
}

/** Says why the spans of a provider reach nobody. Looks at the members in which SDK 1 and 2 keep their span processors. */
function problemOf(given: TracerProvider, actual: TracerProvider): string | undefined {
  if (given !== actual && isUnregistered(given as ProxyTracerProvider, actual)) {
    return (
      'TrubricsCallbackHandler: no tracer provider is registered, so LangChain calls are not recorded. Call provider.register(), or pass ' +
      'the option tracerProvider.'
    );
  }
  const { _registeredSpanProcessors, _activeSpanProcessor } = actual as {
    readonly _registeredSpanProcessors?: unknown;
    readonly _activeSpanProcessor?: { readonly _spanProcessors?: unknown };
  };
  const processors = _registeredSpanProcessors ?? _activeSpanProcessor?._spanProcessors;
  if (!Array.isArray(processors) || processors.length > 0) return undefined;
  return (
    'TrubricsCallbackHandler: the tracer provider has no span processor, so LangChain calls are not recorded. Add a ' +
    'TrubricsSpanProcessor to its spanProcessors.'
  );
}

/** A proxy without a provider delegates to the no-op provider of its copy of the API, as a new proxy does. */
function isUnregistered(proxy: ProxyTracerProvider, delegate: TracerProvider): boolean {
  if (proxy !== trace.getTracerProvider()) return false;
  const Proxy = proxy.constructor as new () => ProxyTracerProvider;
  return new Proxy().getDelegate() === delegate;
}

function findOrCreate(provider: TracerProvider): RunRegistry {
  const registries = sharedRegistries();
  let registry = registries.get(provider);
  if (!registry) {
    registry = new RunRegistry(runTracerOf(provider), endAbandoned);
    registries.set(provider, registry);
  }
  return registry;
}

function sharedRegistries(): Registries {
  return sharedState(REGISTRIES, () => new WeakMap());
}

function endAbandoned(run: Run): void {
  if (isModelRun(run)) endAbandonedModel(run);
  else endAbandonedRun(run);
}
