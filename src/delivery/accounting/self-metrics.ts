import { parseUrl } from '../../common/web/parse-url.js';
import {
  type Attributes,
  type BatchObservableCallback,
  type BatchObservableResult,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
  type UpDownCounter,
} from '@opentelemetry/api';
import { safely } from '../../common/safely.js';
import { collectionWatcher, type WeakReference, weakReference } from '../../common/weak-reference.js';
import type { Destination } from '../../destinations/destination.js';
import type { AnyEntry } from '../model/queued-entry.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';
import type { SettlementCounts } from './settlement-counts.js';
import type { SettlementListener, SpoolLossEvent } from './settlement-tracker.js';

interface Instruments {
  readonly inflight: UpDownCounter;
  readonly exported: Counter;
  readonly processed: Counter;
  readonly duration: Histogram;
  readonly queue: readonly [size: Observable, capacity: Observable];
}

const SCOPE = 'opentelemetry-exporter-trubrics';
const EXPORTER = 'trubrics_http_span_exporter';
const PROCESSOR = 'trubrics_span_processor';
/** The names that the semantic conventions have for drops before an export. */
const PROCESSOR_ERRORS: Partial<Record<DropReason, string>> = {
  queue_overflow: 'queue_full',
  already_shutdown: 'already_shutdown',
};
/** The buckets that the semantic conventions advise for durations in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

let instances = 0;

/**
 * Records the metrics that the semantic conventions define for exporters and processors of an SDK (`otel.sdk.*`). The API has no
 * proxy for a meter provider that is registered later, so `connect()` looks for one before each request until there is one.
 */
export class SelfMetrics implements SettlementListener {
  readonly #provider: MeterProvider | undefined;
  readonly #counts: SettlementCounts;
  readonly #queueCapacity: number;
  readonly #exporter: Attributes;
  readonly #processor: Attributes;
  #instruments: Instruments | undefined;
  #stopObserving = (): void => undefined;
  #isBroken = false;

  constructor(
    provider: MeterProvider | undefined,
    destination: Destination,
    counts: SettlementCounts,
    queueCapacity: number,
  ) {
    const number = instances++;
    this.#provider = provider;
    this.#counts = counts;
    this.#queueCapacity = queueCapacity;
    this.#exporter = {
      'otel.component.type': EXPORTER,
      'otel.component.name': `${EXPORTER}/${number}`,
      ...serverOf(destination),
    };
    this.#processor = { 'otel.component.type': PROCESSOR, 'otel.component.name': `${PROCESSOR}/${number}` };
  }

  /** Creates the instruments if there is a meter provider by now. Entries that were accepted before are counted then. */
  connect(): void {
    if (this.#instruments || this.#isBroken) return;
    try {
      const meter = (this.#provider ?? metrics.getMeterProvider()).getMeter(SCOPE);
      if (meter === createNoopMeter()) return;
      this.#instruments = instrumentsOf(meter);
      const observe = observerOf(weakReference(this));
      const queue = [...this.#instruments.queue];
      meter.addBatchObservableCallback(observe, queue);
      this.#stopObserving = () => meter.removeBatchObservableCallback(observe, queue);
      collectedMetrics.watch(this, this.#stopObserving);
      const { unfinished } = this.#counts;
      if (unfinished > 0) this.#addAccepted(unfinished);
    } catch {
      this.#giveUp();
    }
  }

  onAccepted(): void {
    this.#addAccepted(1);
  }

  onClaimed(count: number): void {
    this.#addAccepted(count);
  }

  onFinished(_entry: AnyEntry, settlement: FinalSettlement): void {
    this.#addFinished(settlement.status === 'dropped' ? settlement.reason : undefined, 1);
  }

  onLost({ reason, count }: SpoolLossEvent): void {
    this.#addFinished(reason, count);
  }

  /** Records the duration and the result of one request. */
  onRequest(seconds: number, status: number | undefined, error: string | undefined): void {
    this.#report(({ duration }) =>
      duration.record(seconds, {
        ...withError(this.#exporter, error),
        ...(status !== undefined && { 'http.response.status_code': status }),
      }),
    );
  }

  shutdown(): void {
    this.#report(() => this.#stopObserving());
  }

  #addAccepted(count: number): void {
    this.#report(({ inflight }) => inflight.add(count, this.#exporter));
  }

  #addFinished(reason: DropReason | undefined, count: number): void {
    this.#report(({ inflight, exported, processed }) => {
      inflight.add(-count, this.#exporter);
      exported.add(count, withError(this.#exporter, reason));
      processed.add(count, withError(this.#processor, reason && PROCESSOR_ERRORS[reason]));
    });
  }

  #report(measure: (instruments: Instruments) => void): void {
    if (!this.#instruments) return;
    try {
      measure(this.#instruments);
    } catch {
      this.#giveUp();
    }
  }

  /** Stops recording, because the user's meter provider throws. */
  #giveUp(): void {
    this.#instruments = undefined;
    this.#isBroken = true;
  }

  observe(result: BatchObservableResult): void {
    if (!this.#instruments) return;
    const [size, capacity] = this.#instruments.queue;
    result.observe(size, this.#counts.inMemoryCount, this.#processor);
    result.observe(capacity, this.#queueCapacity, this.#processor);
  }
}

/** Removes the callbacks of deliveries that were garbage-collected without a shutdown. */
const collectedMetrics = collectionWatcher<() => void>((stopObserving) => safely(stopObserving));

/** Returns a callback that does not keep the delivery alive: a meter provider lives as long as the process. */
function observerOf(metricsReference: WeakReference<SelfMetrics>): BatchObservableCallback {
  return (result) => metricsReference.deref()?.observe(result);
}

function instrumentsOf(meter: Meter): Instruments {
  const unit = '{span}';
  return {
    inflight: meter.createUpDownCounter('otel.sdk.exporter.span.inflight', { unit }),
    exported: meter.createCounter('otel.sdk.exporter.span.exported', { unit }),
    processed: meter.createCounter('otel.sdk.processor.span.processed', { unit }),
    duration: meter.createHistogram('otel.sdk.exporter.operation.duration', {
      unit: 's',
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    }),
    queue: [
      meter.createObservableUpDownCounter('otel.sdk.processor.span.queue.size', { unit }),
      meter.createObservableUpDownCounter('otel.sdk.processor.span.queue.capacity', { unit }),
    ],
  };
}

function withError(attributes: Attributes, error: string | undefined): Attributes {
  return error === undefined ? attributes : { ...attributes, 'error.type': error };
}

function serverOf({ url }: Destination): Attributes {
  const parsed = url === undefined ? undefined : parseUrl(url);
  if (!parsed) return {};
  const { hostname, port, protocol } = parsed;
  return {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'http:' ? 80 : 443),
  };
}
