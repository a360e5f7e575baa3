import { createDelivery } from '../../delivery/create-delivery.js';
import type { Delivery } from '../../delivery/delivery.js';
import type { DeliveryStats } from '../../delivery/model/settlement.js';
import type { IngestionTarget } from '../../destinations/ingestion/ingestion-target.js';
import { trubricsIngestion } from '../../destinations/ingestion/ingestion.js';
import type { StoredRecord } from '../model/stored-record.js';

/** A host to which everything that is received is sent on. */
export type ForwardTarget = IngestionTarget;

/** Spans of one trace come in several requests, usually within seconds. */
const SETTLE_MS = 5_000;
const CHECK_MS = 1_000;
/** Beyond it the oldest is sent as it is. */
const MAX_WAITING = 5_000;

interface Waiting {
  readonly record: StoredRecord;
  readonly since: number;
}

/** Sends on what was stored, with all the care of the exporter's own delivery, and without ever holding up who sent it here. */
export class Forwarding {
  readonly #delivery: Delivery;
  /** Records read from spans, of which more may become known. */
  readonly #waiting = new Map<string, Waiting>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @throws TypeError when the target is wrong, or its key is missing. */
  constructor(target: ForwardTarget) {
    this.#delivery = createDelivery(trubricsIngestion(target));
  }

  send(records: readonly StoredRecord[]): void {
    for (const record of records) {
      this.#waiting.delete(record.id);
      this.#accept(record);
    }
  }

  /** Sends them when they have not changed for a while. */
  sendLater(records: readonly StoredRecord[]): void {
    for (const record of records) {
      const since = this.#waiting.get(record.id)?.since ?? Date.now();
      this.#waiting.set(record.id, { record, since });
    }
    if (records.length === 0) return;
    this.#timer ??= setInterval(() => this.#sendSettled(Date.now() - SETTLE_MS), CHECK_MS).unref();
    this.#sendSettled(Date.now() - SETTLE_MS);
  }

  /** What was not yet sent of these never will be. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.delete(id);
  }

  /** What became of everything; records that may still change count as queued. */
  stats(): DeliveryStats {
    const stats = this.#delivery.stats();
    const waiting = this.#waiting.size;
    return { ...stats, accepted: stats.accepted + waiting, queued: stats.queued + waiting };
  }

  /** Sends all that is left, within the delivery's deadline of 10 s. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#sendSettled(Infinity);
    await this.#delivery.shutdown();
  }

  #sendSettled(before: number): void {
    for (const [id, { record, since }] of this.#waiting) {
      if (since > before && this.#waiting.size <= MAX_WAITING) return;
      this.#waiting.delete(id);
      this.#accept(record);
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #accept(record: StoredRecord): void {
    const { kind, ...fields } = record;
    if (kind === 'event') this.#delivery.accept({ kind, event: { ...fields, event: record.event } });
    else
      this.#delivery.accept({
        kind,
        record: {
          ...fields,
          prompt: record.prompt,
          generation: record.generation,
          assistantId: record.assistantId ?? 'unknown',
          // JSON has no NaN and makes it `null`: what the API takes for "not measured".
          latency: record.latency ?? Number.NaN,
        },
      });
  }
}
