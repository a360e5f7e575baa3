import { createRequire } from 'node:module';
import {
  context,
  type ContextManager,
  createContextKey,
  ProxyTracerProvider,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { instrumentLangChain } from './langchain/index.js';
import { resolveOptions } from './config/options.js';
import { TrubricsSpanProcessor } from './otel/processor.js';

/**
 * `node --import opentelemetry-exporter-trubrics/register app.mjs`: every LangChain.js call of the application becomes a record, with no
 * line of code. The environment configures it (`TRUBRICS_API_KEY`, …).
 *
 * The tracer provider is the application's own, if it has registered one by its first LangChain call: then
 * `TrubricsSpanProcessor` has to be among its span processors. Otherwise one is set up with the OpenTelemetry SDK that the application
 * has installed. Records are delivered before the process ends by itself; `process.exit()` and signals do not wait for them.
 */

/** Anything of an SDK that makes a tracer provider. */
type ProviderClass = (new (config: Record<string, unknown>) => TracerProvider) & {
  readonly prototype: object;
};

/** In which package, and under which name, the SDKs of the majors 1 to 3 have it. */
const PROVIDERS: readonly (readonly [name: string, path: readonly string[]])[] = [
  ['@opentelemetry/sdk-trace-node', ['NodeTracerProvider']],
  ['@opentelemetry/sdk-node', ['node', 'NodeTracerProvider']],
  ['@opentelemetry/sdk-trace-base', ['BasicTracerProvider']],
  ['@opentelemetry/sdk-trace', ['TracerProvider']],
];

const applicationRequire = createRequire(`${process.cwd()}/`);

/** The registered provider; at the first LangChain call, if there is none by then, our own. */
class ProviderAtFirstUse extends ProxyTracerProvider {
  readonly #create: () => TracerProvider;
  constructor(create: () => TracerProvider) {
    super();
    this.#create = create;
  }
  override getDelegate(): TracerProvider {
    const registered = trace.getTracerProvider();
    if (!(registered instanceof ProxyTracerProvider)) return registered;
    if (registered.getDelegateTracer('opentelemetry-exporter-trubrics') === undefined)
      trace.setGlobalTracerProvider(this.#create());
    return registered.getDelegate();
  }
}

try {
  if (!resolveOptions({}).disabled) await register();
} catch (error) {
  // The application runs on, whatever is wrong with its configuration.
  warn(error instanceof Error ? error.message : String(error));
}

async function register(): Promise<void> {
  const found = findProviderClass();
  let processor: TrubricsSpanProcessor | undefined;
  const tracerProvider = found && createProvider(found);
  if (found) enableContext(found.require);
  const instrumentation = instrumentLangChain(tracerProvider && { tracerProvider });
  await instrumentation.ready;
  process.once('beforeExit', () => {
    void instrumentation.shutdown().then(() => processor?.forceFlush());
  });

  function createProvider({ Provider, require }: FoundProvider): TracerProvider {
    const created = new TrubricsSpanProcessor();
    return new ProviderAtFirstUse(() => {
      processor = created;
      const resource = environmentResource(require);
      // SDKs before 1.29 take no processors at construction, those from 2 on only there.
      if (!('addSpanProcessor' in Provider.prototype))
        return new Provider({ spanProcessors: [created], ...resource });
      const provider = new Provider(resource) as TracerProvider & { addSpanProcessor(added: unknown): void };
      provider.addSpanProcessor(created);
      return provider;
    });
  }
}

interface FoundProvider {
  readonly Provider: ProviderClass;
  /** Finds what the SDK itself depends on. */
  readonly require: NodeJS.Require;
}

function findProviderClass(): FoundProvider | undefined {
  for (const [name, path] of PROVIDERS) {
    const found = tryRequire(applicationRequire, name);
    const Provider = path.reduce<unknown>((module, key) => (module as Record<string, unknown>)?.[key], found);
    if (typeof Provider !== 'function') continue;
    const file = applicationRequire.resolve(name);
    return { Provider: Provider as ProviderClass, require: createRequire(file) };
  }
  warn(
    'no OpenTelemetry SDK is installed, so nothing is recorded; run: npm install @opentelemetry/sdk-trace-node',
  );
  return undefined;
}

/** At once, and not at the first call: `withTrubrics()` needs it before. */
function enableContext(sdkRequire: NodeJS.Require): void {
  const probe = createContextKey('opentelemetry-exporter-trubrics.probe');
  const active = context.active().setValue(probe, true);
  if (context.with(active, () => context.active().getValue(probe)) === true) return;
  const { AsyncLocalStorageContextManager: Manager } = (tryRequire(
    sdkRequire,
    '@opentelemetry/context-async-hooks',
  ) ?? {}) as { AsyncLocalStorageContextManager?: new () => ContextManager };
  if (Manager) context.setGlobalContextManager(new Manager().enable());
  else
    warn('@opentelemetry/context-async-hooks is not installed, so users and parents of calls may be missing');
}

interface Mergeable {
  merge(other: unknown): unknown;
}

/** `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, which only the NodeSDK reads by itself. */
function environmentResource(sdkRequire: NodeJS.Require): Record<string, unknown> {
  const { defaultResource, detectResources, envDetector, Resource, envDetectorSync } = (tryRequire(
    sdkRequire,
    '@opentelemetry/resources',
  ) ?? {}) as {
    defaultResource?: () => Mergeable;
    detectResources?: (config: { detectors: unknown[] }) => unknown;
    envDetector?: unknown;
    /** Of SDKs before 2. */
    Resource?: { default?: () => Mergeable };
    envDetectorSync?: { detect(): unknown };
  };
  if (Resource?.default && envDetectorSync)
    return { resource: Resource.default().merge(envDetectorSync.detect()) };
  if (!defaultResource || !detectResources || !envDetector) return {};
  return { resource: defaultResource().merge(detectResources({ detectors: [envDetector] })) };
}

function tryRequire(require: NodeJS.Require, name: string): unknown {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'TrubricsWarning' });
}
