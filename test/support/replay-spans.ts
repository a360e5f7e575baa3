import { ROOT_CONTEXT } from '@opentelemetry/api';
import { vi } from 'vitest';
import { TrubricsSpanExporter } from '../../src/otel/exporter.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { TrubricsLogRecordProcessor } from '../../src/otel/log-processor.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import { parentSpanIdOf, type HrTime, type SpanLike } from '../../src/reading/model/span-like.js';
import type { TrubricsStats } from '../../src/pipeline/trubrics-stats.js';
import type { SpanExplanation } from '../../src/reading/advice/span-explanation.js';
import type { PromptRecord, TrackedEvent } from '../../src/records/model/prompt-record.js';
import type { CapturedLog } from './captures.js';
import { memoryDestination } from './memory-destination.js';
import { seededRandom } from './random-trace.js';

/** A recorded trace as an application made it: spans, and log records that were emitted while the spans were open. */
export interface Recording {
  readonly spans: readonly SpanLike[];
  readonly logs?: readonly CapturedLog[];
}

export interface ReplayOptions {
  /** Whether spans have their attributes when the processor sees them start, or get them right after that. Default: `atStart`. */
  readonly attributes?: 'atStart' | 'afterStart';
  /** Returns the order in which spans end. Default: by their end times. */
  readonly endOrder?: (spans: readonly SpanLike[]) => readonly SpanLike[];
}

/** A span that is not over before {@link LiveSpan.finish}, like one of the SDK. */
class LiveSpan implements SpanLike {
  readonly name: string;
  readonly kind?: number;
  readonly parentSpanContext: SpanLike['parentSpanContext'];
  readonly parentSpanId: string | undefined;
  readonly startTime: HrTime;
  readonly resource: SpanLike['resource'];
  readonly instrumentationScope: SpanLike['instrumentationScope'];
  readonly instrumentationLibrary: SpanLike['instrumentationLibrary'];
  endTime: HrTime = [0, 0];
  status: NonNullable<SpanLike['status']> = { code: 0 };
  attributes: SpanLike['attributes'];
  events: NonNullable<SpanLike['events']> = [];
  droppedAttributesCount = 0;
  droppedEventsCount = 0;
  readonly #recorded: SpanLike;

  constructor(recorded: SpanLike, attributes: SpanLike['attributes']) {
    this.#recorded = recorded;
    this.name = recorded.name;
    if (recorded.kind !== undefined) this.kind = recorded.kind;
    this.parentSpanContext = recorded.parentSpanContext;
    this.parentSpanId = recorded.parentSpanId;
    this.startTime = recorded.startTime;
    this.resource = recorded.resource;
    this.instrumentationScope = recorded.instrumentationScope;
    this.instrumentationLibrary = recorded.instrumentationLibrary;
    this.attributes = attributes;
  }

  spanContext() {
    return this.#recorded.spanContext();
  }

  finish(): void {
    this.endTime = this.#recorded.endTime;
    this.status = this.#recorded.status ?? { code: 0 };
    this.attributes = this.#recorded.attributes;
    this.events = this.#recorded.events ?? [];
    this.droppedAttributesCount = this.#recorded.droppedAttributesCount ?? 0;
    this.droppedEventsCount = this.#recorded.droppedEventsCount ?? 0;
  }
}

/**
 * Replays recorded spans through a processor: starts and ends in the order of their times, and that much time passes between them. Needs
 * fake timers. A parent starts before its children even if the clocks of two libraries disagree.
 */
export async function replaySpans(
  processor: TrubricsSpanProcessor,
  { spans, logs = [] }: Recording,
  { attributes = 'atStart', endOrder = byEnd }: ReplayOptions = {},
): Promise<void> {
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const live = new Map<SpanLike, LiveSpan>();
  const logProcessor = new TrubricsLogRecordProcessor(processor);
  const start = (span: SpanLike): void => {
    if (live.has(span)) return;
    const parent = byId.get(parentSpanIdOf(span) ?? '');
    if (parent && parent !== span) start(parent);
    const started = new LiveSpan(span, attributes === 'atStart' ? span.attributes : {});
    live.set(span, started);
    processor.onStart(started, ROOT_CONTEXT);
    started.attributes = span.attributes;
  };
  const starts = spans.toSorted((a, b) => toMs(a.startTime) - toMs(b.startTime));
  for (const span of endOrder(spans)) {
    const endMs = toMs(span.endTime);
    for (const other of starts) if (toMs(other.startTime) < endMs) start(other);
    start(span);
    await vi.advanceTimersByTimeAsync(Math.max(0, endMs - Date.now()));
    for (const log of logs)
      if (log.spanContext.spanId === span.spanContext().spanId) logProcessor.onEmit(log);
    const ending = live.get(span);
    ending?.finish();
    if (ending) processor.onEnd(ending);
  }
}

/** What came out of a replay, sorted by id. */
export interface Replayed {
  readonly records: readonly PromptRecord[];
  readonly events: readonly TrackedEvent[];
  readonly stats: TrubricsStats;
  readonly explained: readonly SpanExplanation[];
}

/** Replays spans through a processor of its own, flushes it, and checks that the shutdown finds nothing more. Needs fake timers. */
export async function replayThroughProcessor(
  recording: Recording,
  options: TrubricsOptions,
  replay: ReplayOptions = {},
): Promise<Replayed> {
  vi.setSystemTime(Math.min(...recording.spans.map(({ startTime }) => toMs(startTime))));
  const destination = memoryDestination();
  const processor = new TrubricsSpanProcessor({ ...options, destination });
  await replaySpans(processor, recording, replay);
  await runTimers(processor.forceFlush());
  const flushed = destination.records.length;
  await runTimers(processor.shutdown());
  if (destination.records.length > flushed) throw new Error('The flush left records for the shutdown.');
  return replayed(destination, processor);
}

/** Exports spans in the order of their ends. `seed`: in batches of random sizes; without it, in one batch. Needs fake timers. */
export async function replayThroughExporter(
  { spans }: Recording,
  options: TrubricsOptions,
  seed?: number,
): Promise<Replayed> {
  const destination = memoryDestination();
  const exporter = new TrubricsSpanExporter({ ...options, destination });
  const random = seededRandom(seed ?? 0);
  const ended = byEnd(spans);
  for (let from = 0; from < ended.length;) {
    const size = seed === undefined ? ended.length : 1 + Math.floor(random() * ended.length);
    const batch = ended.slice(from, from + size);
    await runTimers(new Promise<void>((resolve) => exporter.export(batch, () => resolve())));
    from += size;
  }
  await runTimers(exporter.shutdown());
  return replayed(destination, exporter);
}

/** Lets timers run until a promise is resolved. */
async function runTimers(promise: Promise<void>): Promise<void> {
  const state = { isDone: false };
  const done = promise.finally(() => (state.isDone = true));
  while (!state.isDone) await vi.advanceTimersByTimeAsync(100);
  await done;
}

function replayed(
  { records, events }: Pick<Replayed, 'records' | 'events'>,
  component: TrubricsSpanProcessor | TrubricsSpanExporter,
): Replayed {
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  return {
    records: records.toSorted(byId),
    events: events.toSorted(byId),
    stats: component.stats(),
    explained: component.explain(),
  };
}

function byEnd(spans: readonly SpanLike[]): readonly SpanLike[] {
  return spans.toSorted((a, b) => toMs(a.endTime) - toMs(b.endTime));
}

function toMs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}
