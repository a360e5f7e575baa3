import type { MeterProvider } from '@opentelemetry/api';
import { defineOptions, type OptionTable, type OrUndefined } from '../../common/options/define-options.js';
import { callback, count, milliseconds, objectWith } from '../../common/options/option-kinds.js';
import type { EntryKind } from '../../destinations/destination.js';
import type { DropReason } from './settlement.js';
import type { Spool } from './spool.js';

/** How one destination is served. Times are in milliseconds. */
export interface DeliverySettings {
  /** The most entries that wait or are under way; beyond it the oldest waiting one is dropped. Default 10,000. */
  readonly maxQueueRecords: number;
  /** The same in UTF-8 bytes of JSON. Default 32 MB. */
  readonly maxQueueBytes: number;
  /** So many waiting entries of one kind are sent without waiting for the interval. Default 20. */
  readonly flushAt: number;
  /** No entry waits longer than this for its first request. Default 5,000. */
  readonly flushIntervalMs: number;
  /** A request that takes longer has failed and is retried. Default 10,000. */
  readonly requestTimeoutMs: number;
  /** Entries that could not be delivered for this long are dropped. Default 48 hours. */
  readonly maxAgeMs: number;
  /** How long `flush()` and `shutdown()` take at most, unless told otherwise. Default 10,000. */
  readonly shutdownTimeoutMs: number;
  /** Requests under way at once, for prompts and for events separately. Default 4. */
  readonly concurrency: number;
  /** Keeps entries where they survive the process. Default: in memory alone. */
  readonly spool?: Spool;
  /** Gets the `otel.sdk.*` metrics. Default: the global one, if there is one. */
  readonly meterProvider?: MeterProvider;
  /** Called for every entry that is lost. What it throws is ignored. */
  readonly onDrop?: (drop: DroppedEntry) => void;
}

/** An entry that will not be delivered. */
export interface DroppedEntry {
  readonly destination: string;
  readonly kind: EntryKind;
  readonly reason: DropReason;
  /** What would have been sent: it holds what people wrote. `undefined` when it could not be serialised, or was on disk alone. */
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

const SETTINGS = {
  maxQueueRecords: { default: DEFAULT_DELIVERY_SETTINGS.maxQueueRecords, ...count },
  maxQueueBytes: { default: DEFAULT_DELIVERY_SETTINGS.maxQueueBytes, ...count },
  flushAt: { default: DEFAULT_DELIVERY_SETTINGS.flushAt, ...count },
  flushIntervalMs: { default: DEFAULT_DELIVERY_SETTINGS.flushIntervalMs, ...milliseconds },
  requestTimeoutMs: { default: DEFAULT_DELIVERY_SETTINGS.requestTimeoutMs, ...milliseconds },
  maxAgeMs: { default: DEFAULT_DELIVERY_SETTINGS.maxAgeMs, ...milliseconds },
  shutdownTimeoutMs: { default: DEFAULT_DELIVERY_SETTINGS.shutdownTimeoutMs, ...milliseconds },
  concurrency: { default: DEFAULT_DELIVERY_SETTINGS.concurrency, ...count },
  spool: objectWith('the result of fileSpool()', 'open'),
  meterProvider: objectWith('a MeterProvider', 'getMeter'),
  onDrop: callback,
} as const satisfies OptionTable<DeliverySettings>;

/**
 * Returns the settings with the defaults filled in.
 *
 * @throws TypeError that names the setting, what was given, and what is accepted.
 */
export const completeSettings: (given: OrUndefined<Partial<DeliverySettings>>) => DeliverySettings =
  defineOptions<Partial<DeliverySettings>, typeof SETTINGS>(SETTINGS);
