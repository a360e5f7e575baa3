import { sharedState } from '../common/collections/shared-state.js';
import type { TracerProvider } from '@opentelemetry/api';
import { startBackgroundTimer } from '../common/background-timer.js';
import { guard } from '../common/guard.js';
import { logger } from '../common/logger.js';
import { collectionWatcher, type WeakReference, weakReference } from '../common/weak-reference.js';
import { type ResolvedOptions, resolveOptions, type TrubricsOptions } from '../config/options.js';
import { registryOf } from '../langchain/handler/registries.js';
import { TrubricsSpanProcessor } from '../otel/processor.js';
import { flushOnExit } from '../pipeline/lifecycle/flush-on-exit.js';
import { flushOnHide } from '../pipeline/lifecycle/flush-on-hide.js';
import { reportUnsentAtExit } from '../pipeline/lifecycle/report-unsent.js';
import { withCallerIdentity } from './caller-identity.js';
import type { RecordSink } from './record-sink.js';
import { resourceFromEnvironment } from './resource-from-environment.js';
import { StandaloneTracerProvider } from './tracer/tracer-provider.js';

/** This many different sets of options are more likely made for each request than meant. */
const MANY_SETS = 20;

/** Options that are nested deeper are compared by identity. */
const MAX_DEPTH = 10;

/** A processor with its delivery, the tracer that feeds it, and the number of handlers that use them. */
interface SharedSink {
  readonly processor: TrubricsSpanProcessor;
  readonly tracerProvider: StandaloneTracerProvider;
  /** Removes the listeners for the end of the process or page. */
  readonly stopWatching: () => void;
  handlers: number;
}

/**
 * The sinks live on a global symbol, so that the ESM and the CommonJS copy of this package share them, and a call that has a handler of
 * each gives one record. The number changes with the members of `SharedSink`: copies of other versions keep apart.
 *
 * Only the handlers, and timers of records that are not sent yet, keep a sink alive. A handler that is made for each request with a
 * function of that request has a sink of its own, and nobody shuts it down. The function may refer to the handler.
 */
const SINKS = Symbol.for('opentelemetry-exporter-trubrics.sinks.1');

interface SharedSinks {
  readonly byKey: Map<string, WeakReference<SharedSink>>;
  /** Numbers of functions and of instances of classes in keys. */
  readonly referenceNumbers: WeakMap<object, number>;
  referenceCount: number;
}

/** Removes what is left of sinks that were collected. The value must not refer to the sink. */
const collectedSinks = collectionWatcher<{ readonly key: string; readonly stopWatching: () => void }>(
  ({ key, stopWatching }) => {
    const { byKey } = sharedSinks();
    if (byKey.get(key)?.deref() === undefined) byKey.delete(key);
    stopWatching();
  },
);

/** Sinks with open runs, or records that are not sent. They stay alive although their handlers are gone. */
const busySinks = new Set<SharedSink>();
const BUSY_CHECK_MS = 1_000;
let isCheckScheduled = false;

function keepWhileBusy(sink: SharedSink): void {
  busySinks.add(sink);
  if (isCheckScheduled) return;
  isCheckScheduled = true;
  startBackgroundTimer(BUSY_CHECK_MS, () => {
    isCheckScheduled = false;
    const [...sinks] = busySinks;
    busySinks.clear();
    for (const busy of sinks) if (isBusy(busy)) keepWhileBusy(busy);
  });
}

function isBusy({ tracerProvider, processor }: SharedSink): boolean {
  return registryOf(tracerProvider).size > 0 || !processor.isIdle();
}

/**
 * Returns the sink of these options. Handlers with equal options share one processor and one delivery, made at first use.
 *
 * `applicationProvider` makes the spans where it records; default: the provider that is registered globally at each start.
 *
 * @throws TypeError for a wrong option, and if there is no destination
 */
export function acquireSink(
  options: TrubricsOptions,
  applicationProvider: TracerProvider | undefined,
): RecordSink {
  const resolved = resolveOptions(options);
  const key = keyOf({ ...resolved, applicationProvider });
  const shared = sharedSinks().byKey.get(key)?.deref() ?? createSink(key, resolved, applicationProvider);
  shared.handlers += 1;
  let released = false;
  const { processor, tracerProvider } = shared;
  return {
    tracerProvider,
    flush: () => processor.flush(),
    release() {
      if (released) return processor.flush();
      released = true;
      return releaseSink(key, shared);
    },
    stats: () => processor.stats(),
    explain: () => processor.explain(),
    trackFeedback(feedback) {
      keepWhileBusy(shared);
      processor.trackFeedback(feedback);
    },
  };
}

function createSink(
  key: string,
  options: ResolvedOptions,
  applicationProvider: TracerProvider | undefined,
): SharedSink {
  // The processor's own listeners would keep it alive.
  const processor = new TrubricsSpanProcessor({ ...options, flushOnExit: false });
  const records = withCallerIdentity(processor);
  const tracerProvider = new StandaloneTracerProvider({
    listener: {
      onStart(span, parentContext) {
        keepWhileBusy(shared);
        records.onStart(span, parentContext);
      },
      onEnd: (span) => records.onEnd(span),
    },
    resource: resourceFromEnvironment(),
    applicationProvider,
    destinationKey: destinationKeyOf(options),
  });
  const stopWatching =
    options.disabled || options.flushOnExit === false
      ? (): void => undefined
      : watchEnd(weakReference(processor), weakReference(tracerProvider), options.flushOnExit === true);
  const shared: SharedSink = { processor, tracerProvider, stopWatching, handlers: 0 };
  const sinks = sharedSinks().byKey;
  sinks.set(key, weakReference(shared));
  collectedSinks.watch(shared, { key, stopWatching });
  if (sinks.size === MANY_SETS) {
    logger.warn(
      `trubricsHandler() was called with ${MANY_SETS} different sets of options, and each has a delivery of its own. Make one handler ` +
        'for the whole application, and pass what differs between calls as metadata of the call.',
    );
  }
  return shared;
}

/** Flushes, if `flushes`, when the process ends or the page is hidden. Returns a function that removes the listeners. */
function watchEnd(
  processor: WeakReference<TrubricsSpanProcessor>,
  tracerProvider: WeakReference<StandaloneTracerProvider>,
  flushes: boolean,
): () => void {
  const stopReporting = reportUnsentAtExit(() => processor.deref()?.stats());
  if (!flushes) return stopReporting;
  const flush = async (): Promise<void> => {
    await processor.deref()?.flush();
  };
  const stopWatchingExit = flushOnExit(async () => {
    const provider = tracerProvider.deref();
    if (provider) guard('end of process', () => registryOf(provider).abandonAll());
    await flush();
  });
  const stopWatchingPage = flushOnHide(flush);
  return () => {
    stopReporting();
    stopWatchingExit();
    stopWatchingPage();
  };
}

async function releaseSink(key: string, shared: SharedSink): Promise<void> {
  shared.handlers -= 1;
  if (shared.handlers > 0) return shared.processor.flush();
  const sinks = sharedSinks().byKey;
  if (sinks.get(key)?.deref() === shared) sinks.delete(key);
  shared.stopWatching();
  await shared.processor.shutdown();
}

function sharedSinks(): SharedSinks {
  return sharedState(SINKS, () => ({ byKey: new Map(), referenceNumbers: new WeakMap(), referenceCount: 0 }));
}

/** Equal for options with which records reach the same project of the same service. */
function destinationKeyOf({ destination, host, apiKey, email, firebaseApiKey }: ResolvedOptions): string {
  return keyOf(
    destination
      ? { destination: [destination].flat().map(numberOf) }
      : { host, apiKey, email, firebaseApiKey },
  );
}

/** Equal for equal options: plain values are compared by their JSON, functions and instances of classes by identity. */
function keyOf(options: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const parts = given.map(([name, value]): [string, unknown] => [
    name,
    isPlain(value) ? value : numberOf(value),
  ]);
  return JSON.stringify(parts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || value === null) return value === null;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return false;
  // Below that, the object may contain itself.
  return depth < MAX_DEPTH && Object.values(value).every((member) => isPlain(member, depth + 1));
}

/** A text that is the same for the same object or function, and that no plain value has. */
function numberOf(value: unknown): string {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return typeof value;
  const numbers = sharedSinks();
  const number = numbers.referenceNumbers.get(value) ?? (numbers.referenceCount += 1);
  numbers.referenceNumbers.set(value, number);
  return `\u0000${number}`;
}
