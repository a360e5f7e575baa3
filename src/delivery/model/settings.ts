import type { MeterProvider } from '@opentelemetry/api';
import type { EntryKind } from '../../destinations/destination.js';
import type { DropReason } from './settlement.js';
import type { Spool } from './spool.js';

/** The settings of the delivery to one destination. Times are in milliseconds. */
export interface DeliverySettings {
  /** The most entries that are queued or in flight. Above it the oldest queued entry is dropped. Default 10,000. */
  readonly maxQueueRecords: number;
  /** The most UTF-8 bytes of JSON that are queued or in flight, with the same effect. Default 32 MB. */
  readonly maxQueueBytes: number;
  /** The number of queued entries of one kind that are sent without waiting for `flushIntervalMs`. Default 20. */
  readonly flushAt: number;
  /** The longest time that an entry waits for its first request. Default 5,000. */
  readonly flushIntervalMs: number;
  /** The longest time of a request. After it the request has failed and is retried. Default 10,000. */
  readonly requestTimeoutMs: number;
  /** The longest time that an entry is retried before it is dropped. A spool has its own. Default 48 hours. */
  readonly maxAgeMs: number;
  /** The longest time of `flush()` and `shutdown()`, if they are called without one. Default 10,000. */
  readonly shutdownTimeoutMs: number;
  /** The most concurrent requests, for prompts and for events separately. Default 4. */
  readonly concurrency: number;
  /** Storage in which entries survive the process. Default: memory only. */
  readonly spool?: Spool;
  /** Receives the `otel.sdk.*` metrics. Default: the global meter provider, if there is one. */
  readonly meterProvider?: MeterProvider;
  /** Called for every dropped entry. Errors that it throws are ignored. */
  readonly onDrop?: (drop: DroppedEntry) => void;
  /** True: the first fault of the delivery becomes a process warning. Default true. */
  readonly warnsProcess?: boolean;
}

/** An entry that will not be delivered. */
export interface DroppedEntry {
  readonly destination: string;
  readonly kind: EntryKind;
  readonly reason: DropReason;
  /** The encoded entry, with its content. `undefined` if it could not be encoded, or was on disk only. */
  readonly json: string | undefined;
}

export const DEFAULT_DELIVERY_SETTINGS = {
  maxQueueRecords: 10_000,
  maxQueueBytes: 32_000_000,
  flushAt: 20,
  flushIntervalMs: 5_000,
  requestTimeoutMs: 10_000,
  maxAgeMs: 48 * 60 * 60 * 1_000,
  shutdownTimeoutMs: 10_000,
  concurrency: 4,
} as const satisfies DeliverySettings;
