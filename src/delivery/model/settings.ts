import type { MeterProvider } from '@opentelemetry/api';
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

/**
 * Fills what is missing with the defaults.
 *
 * @throws TypeError when a number is not positive, or a count not whole.
 */
export function completeSettings(given: Partial<DeliverySettings>): DeliverySettings {
  const settings: Record<string, unknown> = { ...DEFAULT_DELIVERY_SETTINGS };
  for (const [name, fallback] of Object.entries(DEFAULT_DELIVERY_SETTINGS)) {
    const value: unknown = given[name as keyof DeliverySettings] ?? fallback;
    const isCount = !name.endsWith('Ms');
    if (typeof value !== 'number' || !(value > 0) || (isCount && !Number.isInteger(value))) {
      throw new TypeError(
        `${name}: ${describe(value)} given, ${isCount ? 'a whole number above 0' : 'a number of milliseconds above 0'} ` +
          `accepted. Leave it out for the default, ${fallback}.`,
      );
    }
    settings[name] = value;
  }
  if (given.onDrop !== undefined) {
    if (typeof given.onDrop !== 'function') {
      throw new TypeError(`onDrop: ${describe(given.onDrop)} given, a function accepted.`);
    }
    settings['onDrop'] = given.onDrop;
  }
  if (given.spool !== undefined) {
    if (typeof given.spool?.open !== 'function') {
      throw new TypeError(`spool: ${describe(given.spool)} given, the result of fileSpool() accepted.`);
    }
    settings['spool'] = given.spool;
  }
  if (given.meterProvider !== undefined) {
    if (typeof given.meterProvider?.getMeter !== 'function') {
      throw new TypeError(`meterProvider: ${describe(given.meterProvider)} given, a MeterProvider accepted.`);
    }
    settings['meterProvider'] = given.meterProvider;
  }
  return settings as unknown as DeliverySettings;
}

function describe(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `a value of type ${typeof value}`;
}
