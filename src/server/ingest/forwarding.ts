import { createDelivery } from '../../delivery/create-delivery.js';
import type { Delivery } from '../../delivery/delivery.js';
import type { DeliveryStats } from '../../delivery/model/delivery-stats.js';
import type { IngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { checkIngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { trubricsIngestion } from '../../destinations/ingestion/ingestion.js';
import { withoutCost } from '../insights/prices/cost-properties.js';
import type { NewRecord, StoredRecord } from '../model/stored-record.js';

/** A host to which everything that is received is forwarded. */
export type ForwardTarget = IngestionTarget;

/** A traced record is forwarded after this time without a change: spans of one trace usually arrive within seconds. */
const SETTLE_MS = 5_000;
/** Interval between looks for settled records. */
const CHECK_MS = 1_000;
/** Records that may wait. Above it, the oldest is forwarded as it is. */
const MAX_UNSETTLED = 5_000;

/** Records, and their bytes, that may wait before a gateway takes no more. The rest up to the limits of the delivery is for requests in progress. */
const MAX_WAITING = 8_000;
const MAX_WAITING_BYTES = 24 * 1024 * 1024;

interface UnsettledRecord {
  readonly record: StoredRecord;
  /** Milliseconds since 1970 at which it was first received. */
  readonly since: number;
  /** True if an earlier version may have been forwarded. */
  readonly wasSent: boolean;
  readonly bytes: number;
}

/** Forwards stored records to another host by the exporter's own delivery. Ingestion never waits for it. */
export class Forwarding {
  /** Address of the host, as it is named in `forwardedTo` of the records. Without a key. */
  readonly host: string;
  readonly #delivery: Delivery;
  /** Records read from spans, which later spans may change. By id, oldest first. */
  readonly #unsettled = new Map<string, UnsettledRecord>();
  #unsettledBytes = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @throws TypeError if the target is wrong or its key is missing. */
  constructor(target: ForwardTarget) {
    this.host = checkIngestionTarget(target).host;
    this.#delivery = createDelivery(trubricsIngestion(target), { warnsProcess: false }); // The command reports faults itself.
  }

  /** Forwards records that will not change. */
  send(records: readonly StoredRecord[]): void {
    for (const record of records) {
      this.#settle(record.id);
      this.#accept(record);
    }
  }

  /** Forwards records once they have not changed for some seconds. `known` are the versions that were stored before. */
  sendLater(records: readonly StoredRecord[], known: ReadonlyMap<string, StoredRecord>): void {
    for (const record of records) {
      const {
        since = Date.now(),
        wasSent = known.get(record.id)?.forwardedTo?.includes(this.host) ?? false,
        bytes: before = 0,
      } = this.#unsettled.get(record.id) ?? {};
      const bytes = bytesOf(record);
      this.#unsettledBytes += bytes - before;
      // Keeps its place, if it has one: the oldest come first.
      this.#unsettled.set(record.id, { record, since, wasSent, bytes });
    }
    if (records.length === 0) return;
    this.#timer ??= setInterval(() => this.#sendSettled(Date.now()), CHECK_MS).unref();
    this.#sendSettled(Date.now());
  }

  /**
   * Returns whether further records can wait without pushing others out. The delivery holds 10,000 records and 32 MB, and drops the oldest
   * above that.
   */
  hasRoomFor(records: readonly NewRecord[]): boolean {
    const { queued, inFlight, queuedBytes } = this.#delivery.stats();
    if (queued + inFlight + this.#unsettled.size + records.length > MAX_WAITING) return false;
    return queuedBytes + this.#unsettledBytes + sum(records.map(bytesOf)) <= MAX_WAITING_BYTES;
  }

  /** Cancels the forwarding of removed records. Returns the ids of those of which the other host has got nothing. */
  forget(ids: readonly string[]): readonly string[] {
    return ids.filter((id) => {
      const unsettled = this.#settle(id);
      return unsettled !== undefined && !unsettled.wasSent;
    });
  }

  /** Returns the counters of the delivery. Records that may still change count as queued. */
  stats(): DeliveryStats {
    const stats = this.#delivery.stats();
    const unsettled = this.#unsettled.size;
    return { ...stats, accepted: stats.accepted + unsettled, queued: stats.queued + unsettled };
  }

  /** Forwards everything that is left, within the delivery's deadline of 10 s. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#sendSettled(Infinity);
    await this.#delivery.shutdown();
  }

  #sendSettled(now: number): void {
    for (const [id, { record, since }] of this.#unsettled) {
      const ageMs = now - since;
      // Negative if the clock was set back: then nobody knows how long the record has waited.
      const isSettled = ageMs < 0 || ageMs >= SETTLE_MS;
      if (!isSettled && this.#unsettled.size <= MAX_UNSETTLED) return;
      this.#settle(id);
      this.#accept(record);
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Takes a record out of those that may still change. */
  #settle(id: string): UnsettledRecord | undefined {
    const unsettled = this.#unsettled.get(id);
    this.#unsettledBytes -= unsettled?.bytes ?? 0;
    this.#unsettled.delete(id);
    return unsettled;
  }

  #accept(record: StoredRecord): void {
    // Removed, because the next server would take the computed cost for one that the application sent.
    const { kind, forwardedTo: _notOfTheApplication, ...given } = record;
    const fields = { ...given, properties: withoutCost(record) };
    if (kind === 'event') this.#delivery.accept({ kind, event: { ...fields, event: record.event } });
    else
      this.#delivery.accept({
        kind,
        record: {
          ...fields,
          prompt: record.prompt,
          generation: record.generation,
          assistantId: record.assistantId ?? 'unknown',
          // JSON.stringify writes NaN as null, which the API reads as not measured.
          latency: record.latency ?? Number.NaN,
        },
      });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function bytesOf(record: NewRecord): number {
  return Buffer.byteLength(JSON.stringify(record));
}
