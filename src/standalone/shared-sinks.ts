import type { TracerProvider } from '@opentelemetry/api';
import { guard } from '../common/guard.js';
import { logger } from '../common/logger.js';
import { type ResolvedOptions, resolveOptions, type TrubricsOptions } from '../config/options.js';
import { registryOf } from '../langchain/handler/registries.js';
import { TrubricsSpanProcessor } from '../otel/processor.js';
import { flushOnExit } from '../pipeline/lifecycle/flush-on-exit.js';
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
  readonly stopWatchingExit: () => void;
  handlers: number;
}

/**
 * The sinks live on a global symbol, so that the ESM and the CommonJS copy of this package share them, and a call that has a handler of
 * each gives one record. The number changes with the members of `SharedSink`: copies of other versions keep apart.
 */
const SINKS = Symbol.for('opentelemetry-exporter-trubrics.sinks.1');

interface SharedSinks {
  readonly byKey: Map<string, SharedSink>;
  /** Numbers of functions and of instances of classes in keys. */
  readonly referenceNumbers: WeakMap<object, number>;
  referenceCount: number;
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
  const shared = sharedSinks().byKey.get(key) ?? createSink(key, resolved, applicationProvider);
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
    trackFeedback: (feedback) => processor.trackFeedback(feedback),
  };
}

function createSink(
  key: string,
  options: ResolvedOptions,
  applicationProvider: TracerProvider | undefined,
): SharedSink {
  const processor = new TrubricsSpanProcessor(options);
  const tracerProvider = new StandaloneTracerProvider(
    withCallerIdentity(processor),
    resourceFromEnvironment(),
    applicationProvider,
  );
  const flushAtEnd = async (): Promise<void> => {
    guard('end of process', () => registryOf(tracerProvider).abandonAll());
    await processor.flush();
  };
  const flushesOnExit = options.flushOnExit === true && !options.disabled;
  const shared: SharedSink = {
    processor,
    tracerProvider,
    stopWatchingExit: flushesOnExit ? flushOnExit(flushAtEnd) : () => undefined,
    handlers: 0,
  };
  const sinks = sharedSinks().byKey;
  sinks.set(key, shared);
  if (sinks.size === MANY_SETS) {
    logger.warn(
      `trubricsHandler() was called with ${MANY_SETS} different sets of options, and each has a delivery of its own. Make one handler ` +
        'for the whole application, and pass what differs between calls as metadata of the call.',
    );
  }
  return shared;
}

async function releaseSink(key: string, shared: SharedSink): Promise<void> {
  shared.handlers -= 1;
  if (shared.handlers > 0) return shared.processor.flush();
  const sinks = sharedSinks().byKey;
  if (sinks.get(key) === shared) sinks.delete(key);
  shared.stopWatchingExit();
  await shared.processor.shutdown();
}

function sharedSinks(): SharedSinks {
  const holder = globalThis as { [SINKS]?: SharedSinks };
  holder[SINKS] ??= { byKey: new Map(), referenceNumbers: new WeakMap(), referenceCount: 0 };
  return holder[SINKS];
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
