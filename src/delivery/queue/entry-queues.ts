import type { EntryKind } from '../../destinations/destination.js';
import type { BatchLimits } from './split-into-batches.js';
import { EntryQueue, type QueuedEntry } from './entry-queue.js';

/** The queue: one lane a kind. */
export class EntryQueues implements Iterable<EntryQueue> {
  readonly #lanes: EntryQueue[];

  constructor(limits: BatchLimits) {
    this.#lanes = [new EntryQueue('prompt', limits), new EntryQueue('event', limits)];
  }

  /** In the order in which they may send; a change of it does not disturb who is going through them. */
  [Symbol.iterator](): Iterator<EntryQueue> {
    return this.#lanes.slice().values();
  }

  /** Entries that wait. */
  get size(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.size, 0);
  }

  of(kind: EntryKind): EntryQueue {
    return this.#lanes.find((lane) => lane.kind === kind) as EntryQueue;
  }

  /** This lane has sent something: the others come first from now on. Whoever does may get the only chance, the probe. */
  putLast(lane: EntryQueue): void {
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    this.#lanes.push(lane);
  }

  /** The earliest of these times, Infinity when there is none. */
  earliest(timeMsOf: (lane: EntryQueue) => number): number {
    return Math.min(...this.#lanes.map(timeMsOf));
  }

  /** Removes the entry that was accepted first, of those that are in memory alone. */
  removeOldestHeld(): QueuedEntry | undefined {
    const first = Math.min(...this.#lanes.map(oldestSequence));
    return this.#lanes.find((lane) => oldestSequence(lane) === first)?.removeOldestHeld();
  }
}

function oldestSequence(lane: EntryQueue): number {
  return lane.oldestHeld?.sequence ?? Number.POSITIVE_INFINITY;
}
