import { createRequire } from 'node:module';
import {
  context,
  type ContextManager,
  createContextKey,
  diag,
  DiagConsoleLogger,
  DiagLogLevel,
  ProxyTracerProvider,
  trace,
  type TracerProvider,
} from '@opentelemetry/api';
import { enableProcessWarnings } from './common/logger.js';
import { instrumentLangChain } from './langchain/index.js';
import { resolveOptions } from './config/options.js';
import { TrubricsSpanProcessor } from './otel/processor.js';

/**
 * `node --import opentelemetry-exporter-trubrics/register app.mjs` records every LangChain.js call of an application without a change of
 * its code. It is configured by environment variables (`TRUBRICS_API_KEY`, …).
 *
 * If the application has registered a tracer provider by its first LangChain call, that one is used, and needs a
 * `TrubricsSpanProcessor`. Otherwise a provider is made with the OpenTelemetry SDK that the application has installed. Records are
 * delivered before the process ends by itself; `process.exit()` and signals do not wait for them.
 */

/** Class of an SDK that makes a tracer provider. */
type ProviderClass = (new (config: Record<string, unknown>) => TracerProvider) & {
  readonly prototype: object;
};

/** Packages that export such a class, and the path of its name, for the SDKs 1 to 3. */
const PROVIDERS: readonly (readonly [name: string, path: readonly string[]])[] = [
  ['@opentelemetry/sdk-trace-node', ['NodeTracerProvider']],
  ['@opentelemetry/sdk-node', ['node', 'NodeTracerProvider']],
  ['@opentelemetry/sdk-trace-base', ['BasicTracerProvider']],
  ['@opentelemetry/sdk-trace', ['TracerProvider']],
];

const applicationRequire = createRequire(`${process.cwd()}/`);

/** Delegates to the registered provider. If there is none at the first LangChain call, registers our own. */
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
  enableProcessWarnings();
  honourLogLevel();
  if (!resolveOptions({}).disabled) await register();
} catch (error) {
  // A wrong configuration must not stop the application.
  warn(error instanceof Error ? error.message : String(error));
}

/** Sets a console logger with the level of `OTEL_LOG_LEVEL`, as the NodeSDK does. A logger of the application replaces it. */
function honourLogLevel(): void {
  const level = process.env['OTEL_LOG_LEVEL']?.trim().toUpperCase();
  if (level === undefined || level === '') return;
  const known = (DiagLogLevel as unknown as Record<string, DiagLogLevel | undefined>)[level];
  if (known === undefined)
    return warn(`OTEL_LOG_LEVEL must be none, error, warn, info, debug, verbose or all`);
  diag.setLogger(new DiagConsoleLogger(), { logLevel: known, suppressOverrideMessage: true });
}

async function register(): Promise<void> {
  const found = findProviderClass();
  let processor: TrubricsSpanProcessor | undefined;
  const tracerProvider = found && createProvider(found);
  if (found) enableContext(found.require);
  const instrumentation = instrumentLangChain(tracerProvider && { tracerProvider });
  await instrumentation.ready;
  process.once('beforeExit', () => {
    void instrumentation.shutdown().then(() => processor?.flush());
  });

  function createProvider({ Provider, require }: FoundProvider): TracerProvider {
    const created = new TrubricsSpanProcessor();
    return new ProviderAtFirstUse(() => {
      processor = created;
      const resource = environmentResource(require);
      // SDKs before 1.29 do not accept processors at construction; SDKs from 2 on accept them only there.
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
  /** `require` of the SDK's own file, for its dependencies. */
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

/** Registers a context manager if there is none. At once, not at the first call, because `withTrubrics()` may come before it. */
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

/** Returns the resource from `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, which only the NodeSDK reads by itself. */
function environmentResource(sdkRequire: NodeJS.Require): Record<string, unknown> {
  const { defaultResource, detectResources, envDetector, Resource, envDetectorSync } = (tryRequire(
    sdkRequire,
    '@opentelemetry/resources',
  ) ?? {}) as {
    defaultResource?: () => Mergeable;
    detectResources?: (config: { detectors: unknown[] }) => unknown;
    envDetector?: unknown;
    /** Only in SDK 1. */
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
