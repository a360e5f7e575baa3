import {
  type Attributes,
  type BatchObservableCallback,
  type Counter,
  createNoopMeter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
  type UpDownCounter,
} from '@opentelemetry/api';
import type { Destination } from '../../destinations/destination.js';
import type { DropReason, FinalSettlement } from '../model/settlement.js';

/** What the observable instruments read. */
export interface QueueReading {
  readonly size: number;
  readonly capacity: number;
}

interface Instruments {
  readonly meter: Meter;
  readonly inflight: UpDownCounter;
  readonly exported: Counter;
  readonly processed: Counter;
  readonly duration: Histogram;
  readonly queue: readonly [size: Observable, capacity: Observable];
}

const SCOPE = 'opentelemetry-exporter-trubrics';
const EXPORTER = 'trubrics_http_span_exporter';
const PROCESSOR = 'trubrics_span_processor';
/** How the conventions call drops that happen before anything is exported. */
const PROCESSOR_ERRORS: Partial<Record<DropReason, string>> = {
  queue_overflow: 'queue_full',
  already_shutdown: 'already_shutdown',
};
/** The buckets that the conventions advise for durations in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

let instances = 0;

/**
 * The metrics that the semantic conventions have for an SDK's own exporters and processors (`otel.sdk.*`), where there is a
 * meter provider. The API hands out no proxy for one that comes later, so it is looked for until there is one.
 */
export class SelfMetrics {
  readonly #provider: MeterProvider | undefined;
  readonly #read: () => QueueReading;
  readonly #exporter: Attributes;
  readonly #processor: Attributes;
  #instruments: Instruments | undefined;
  #isBroken = false;

  constructor(provider: MeterProvider | undefined, destination: Destination, read: () => QueueReading) {
    const number = instances++;
    this.#provider = provider;
    this.#read = read;
    this.#exporter = {
      'otel.component.type': EXPORTER,
      'otel.component.name': `${EXPORTER}/${number}`,
      ...serverOf(destination),
    };
    this.#processor = { 'otel.component.type': PROCESSOR, 'otel.component.name': `${PROCESSOR}/${number}` };
  }

  /** Uses the meter provider, as soon as there is one. `unfinished`: how many entries were accepted before. */
  connect(unfinished: number): void {
    if (this.#instruments || this.#isBroken) return;
    try {
      const meter = (this.#provider ?? metrics.getMeterProvider()).getMeter(SCOPE);
      if (meter === createNoopMeter()) return;
      this.#instruments = instrumentsOf(meter);
      meter.addBatchObservableCallback(this.#observe, [...this.#instruments.queue]);
      if (unfinished > 0) this.accepted(unfinished);
    } catch {
      this.#giveUp();
    }
  }

  accepted(count: number): void {
    this.#report(({ inflight }) => inflight.add(count, this.#exporter));
  }

  finished(settlement: FinalSettlement, count: number): void {
    this.#report(({ inflight, exported, processed }) => {
      const reason = settlement.status === 'dropped' ? settlement.reason : undefined;
      inflight.add(-count, this.#exporter);
      exported.add(count, withError(this.#exporter, reason));
      processed.add(count, withError(this.#processor, reason && PROCESSOR_ERRORS[reason]));
    });
  }

  /** One request has ended. */
  requested(seconds: number, status: number | undefined, error: string | undefined): void {
    this.#report(({ duration }) =>
      duration.record(seconds, {
        ...withError(this.#exporter, error),
        ...(status !== undefined && { 'http.response.status_code': status }),
      }),
    );
  }

  shutdown(): void {
    this.#report(({ meter, queue }) => meter.removeBatchObservableCallback(this.#observe, [...queue]));
  }

  #report(measure: (instruments: Instruments) => void): void {
    if (!this.#instruments) return;
    try {
      measure(this.#instruments);
    } catch {
      this.#giveUp();
    }
  }

  /** Somebody else's code throws: without it there are no metrics, and that is all. */
  #giveUp(): void {
    this.#instruments = undefined;
    this.#isBroken = true;
  }

  readonly #observe: BatchObservableCallback = (result) => {
    if (!this.#instruments) return;
    const [size, capacity] = this.#instruments.queue;
    const reading = this.#read();
    result.observe(size, reading.size, this.#processor);
    result.observe(capacity, reading.capacity, this.#processor);
  };
}

function instrumentsOf(meter: Meter): Instruments {
  const unit = '{span}';
  return {
    meter,
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
  if (url === undefined || !URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  return {
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'http:' ? 80 : 443),
  };
}
