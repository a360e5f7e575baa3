import { safely } from '../../common/safely.js';
import type { AnyEntry, MemoryEntry } from '../model/queued-entry.js';
import type { DroppedEntry } from '../model/settings.js';
import type { FinalSettlement, Settlement } from '../model/settlement.js';
import { systemRuntime, type DeliveryRuntime } from '../runtime/runtime.js';
import { MicrotaskChain } from './microtask-chain.js';
import type { SettlementListener, SpoolLossEvent } from './settlement-tracker.js';

const SPOOLED: Settlement = { status: 'spooled' };

/**
 * Calls `onSettled` of an entry and `onDrop` of the settings. Errors that they throw are ignored.
 *
 * Drops that `onDrop` itself causes, for instance by tracking an event while the queue is full, are counted but not reported: each
 * report could cause the next. Of those that it causes in microtasks, as an asynchronous function does, a thousand in a row are reported.
 */
export class UserCallbacks implements SettlementListener {
  readonly #destination: string;
  readonly #onDrop: ((drop: DroppedEntry) => void) | undefined;
  readonly #chain: MicrotaskChain;
  #isReporting = false;

  constructor(
    destination: string,
    onDrop: ((drop: DroppedEntry) => void) | undefined,
    runtime: Pick<DeliveryRuntime, 'setTimer'> = systemRuntime,
  ) {
    this.#destination = destination;
    this.#onDrop = onDrop;
    this.#chain = new MicrotaskChain(runtime);
  }

  onSpooled({ onSettled }: MemoryEntry): void {
    safely(onSettled, SPOOLED);
  }

  onFinished(entry: AnyEntry, settlement: FinalSettlement): void {
    // An entry from the spool was reported as spooled, perhaps by another process.
    if (entry.storage !== 'spool') safely(entry.onSettled, settlement);
    if (settlement.status === 'delivered') return;
    const { kind, json } = entry;
    this.#report({ destination: this.#destination, kind, reason: settlement.reason, json });
  }

  onLost({ kind, count, reason }: SpoolLossEvent): void {
    for (let index = 0; index < count; index++) {
      this.#report({ destination: this.#destination, kind, reason, json: undefined });
    }
  }

  #report(drop: DroppedEntry): void {
    if (this.#isReporting || !this.#onDrop || !this.#chain.extend()) return;
    this.#isReporting = true;
    safely(this.#onDrop, drop);
    this.#isReporting = false;
  }
}
