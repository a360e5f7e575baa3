import type { EntryKind } from '../destinations/destination.js';
import type { BatchLimits } from './cut.js';
import { Lane, type QueuedEntry } from './lane.js';

/** The queue: one lane a kind. */
export class Lanes implements Iterable<Lane> {
  readonly #lanes: Lane[];

  constructor(limits: BatchLimits) {
    this.#lanes = [new Lane('prompt', limits), new Lane('event', limits)];
  }

  [Symbol.iterator](): Iterator<Lane> {
    return this.#lanes.values();
  }

  /** Entries that wait. */
  get size(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.size, 0);
  }

  of(kind: EntryKind): Lane {
    return this.#lanes.find((lane) => lane.kind === kind) as Lane;
  }

  /** Another lane comes first from now on: whoever comes first may get the only chance, the probe. */
  takeTurns(): void {
    this.#lanes.reverse();
  }

  /** The earliest of these times, Infinity when there is none. */
  earliest(timeMsOf: (lane: Lane) => number): number {
    return Math.min(...this.#lanes.map(timeMsOf));
  }

  /** Removes the entry that was accepted first, of those that are in memory alone. */
  removeOldestHeld(): QueuedEntry | undefined {
    const first = Math.min(...this.#lanes.map(oldestSequence));
    return this.#lanes.find((lane) => oldestSequence(lane) === first)?.removeOldestHeld();
  }
}

function oldestSequence(lane: Lane): number {
  return lane.oldestHeld?.sequence ?? Number.POSITIVE_INFINITY;
}
