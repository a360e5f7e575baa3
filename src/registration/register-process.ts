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
import { instrumentLangChain } from '../langchain/index.js';
import { requireEsmLangChain } from '../langchain/instrumentation/load-modules.js';
import { resolveOptions } from '../config/options.js';
import { TrubricsSpanProcessor } from '../otel/processor.js';
import { reportUnsentAtExit } from '../pipeline/lifecycle/report-unsent.js';
import { oldRuntimeProblem } from '../common/web/old-runtime.js';
import { acquireSink } from '../standalone/shared-sinks.js';
import { OwnContextManager } from './own-context-manager.js';
import { environmentResource, findProviderClass, type FoundProvider, tryRequire } from './installed-sdk.js';

/** Delegates to a provider beside the registered one. If none is registered at the first LangChain call, registers our own. */
class ProviderAtFirstUse extends ProxyTracerProvider {
  readonly #create: () => TracerProvider;
  readonly #beside: () => TracerProvider;
  #created: TracerProvider | undefined;
  constructor(create: () => TracerProvider, beside: () => TracerProvider) {
    super();
    this.#create = create;
    this.#beside = beside;
  }
  override getDelegate(): TracerProvider {
    const registered = trace.getTracerProvider();
    if (!(registered instanceof ProxyTracerProvider)) return this.#beside();
    if (registered.getDelegateTracer('opentelemetry-exporter-trubrics') === undefined) {
      this.#created = this.#create();
      trace.setGlobalTracerProvider(this.#created);
    }
    return registered.getDelegate() === this.#created ? this.#created : this.#beside();
  }
}

/**
 * Records the LangChain.js calls of this process, as the environment variables say. The promise is resolved when LangChain is patched,
 * and never rejected. With `atOnce`, LangChain is patched before this function returns, for a caller that cannot await.
 *
 * If the application has registered a tracer provider by its first LangChain call, its tracer makes the spans. If that provider has no
 * `TrubricsSpanProcessor`, which `--require` of another package cannot add, the tracer of `./standalone` records them. Without a provider,
 * one is made with the OpenTelemetry SDK that the application has installed; without an SDK the tracer of `./standalone` is used. Records are
 * delivered before the process ends by itself. `process.exit()` and signals do not wait for them; the first says how many are lost.
 */
export async function registerProcess({ atOnce = false } = {}): Promise<void> {
  try {
    honourLogLevel();
    const problem = oldRuntimeProblem();
    if (problem !== undefined) return warn(`Nothing is recorded. ${problem}.`);
    if (!resolveOptions({}).disabled) await register(atOnce);
  } catch (error) {
    // A wrong configuration must not stop the application.
    warn(error instanceof Error ? error.message : String(error));
  }
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

async function register(atOnce: boolean): Promise<void> {
  const found = findProviderClass();
  const { tracerProvider, flush } = found ? providerAtFirstUse(found) : standaloneProvider();
  enableContext(found?.require);
  const instrumentation = instrumentLangChain({ tracerProvider });
  // `instrumentLangChain()` has patched the CommonJS copies already. A second call only adds modules.
  if (atOnce) instrumentLangChain({ modules: requireEsmLangChain() });
  await instrumentation.ready;
  process.once('beforeExit', () => {
    void instrumentation.shutdown().then(flush);
  });
}

/** A tracer provider whose spans become records. */
interface RecordingProvider {
  readonly tracerProvider: TracerProvider;
  readonly flush: () => Promise<void> | undefined;
}

function providerAtFirstUse({ Provider, require }: FoundProvider): RecordingProvider {
  let used: TrubricsSpanProcessor | undefined;
  let beside: RecordingProvider | undefined;
  const processor = new TrubricsSpanProcessor();
  reportUnsentAtExit(() => processor.stats());
  const createProvider = (): TracerProvider => {
    used = processor;
    const resource = environmentResource(require);
    // SDKs before 1.29 do not accept processors at construction; SDKs from 2 on accept them only there.
    if (!('addSpanProcessor' in Provider.prototype))
      return new Provider({ spanProcessors: [processor], ...resource });
    const provider = new Provider(resource) as TracerProvider & { addSpanProcessor(added: unknown): void };
    provider.addSpanProcessor(processor);
    return provider;
  };
  const tracerProvider = new ProviderAtFirstUse(
    createProvider,
    () => (beside ??= standaloneProvider()).tracerProvider,
  );
  return {
    tracerProvider,
    flush: async () => {
      await Promise.all([used?.flush(), beside?.flush()]);
    },
  };
}

function standaloneProvider(): RecordingProvider {
  const sink = acquireSink({}, undefined);
  return { tracerProvider: sink.tracerProvider, flush: () => sink.flush() };
}

/** Registers a context manager if there is none. At once, not at the first call, because `withTrubrics()` may come before it. */
function enableContext(sdkRequire: NodeJS.Require | undefined): void {
  const probe = createContextKey('opentelemetry-exporter-trubrics.probe');
  const active = context.active().setValue(probe, true);
  if (context.with(active, () => context.active().getValue(probe)) === true) return;
  const found = sdkRequire && tryRequire(sdkRequire, '@opentelemetry/context-async-hooks');
  const { AsyncLocalStorageContextManager: Manager = OwnContextManager } = (found ?? {}) as {
    AsyncLocalStorageContextManager?: new () => ContextManager;
  };
  context.setGlobalContextManager(new Manager().enable());
}

function warn(message: string): void {
  process.emitWarning(message, { type: 'TrubricsWarning' });
}
