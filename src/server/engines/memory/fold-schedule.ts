import { startBackgroundTimer, type Timer } from '../../../common/background-timer.js';
import type { RecordTable } from './table/record-table.js';

/** New records are made searchable so long after the last put, and so long at once, which are some hundred records. */
const FOLD_AFTER_MS = 20;
const FOLD_FOR_MS = 4;
/** From so many on, puts are not waited for: a search has to make the others searchable, a quarter of a second for this many. */
const MANY_UNFOLDED = 25_000;

/** Makes new records searchable when there is time for it. A search that comes earlier does it itself. */
export class FoldSchedule {
  readonly #table: RecordTable;
  #timer: Timer | undefined;
  /** False if records were put since the timer was started: it is started once more. */
  #isDue = false;

  constructor(table: RecordTable) {
    this.#table = table;
  }

  /** Called after each put. */
  foldLater(): void {
    this.#isDue = false;
    this.#timer ??= startBackgroundTimer(FOLD_AFTER_MS, () => this.#foldSome());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #foldSome(): void {
    this.#timer = undefined;
    const end = performance.now() + FOLD_FOR_MS;
    const isDone =
      (this.#isDue || this.#table.unfolded > MANY_UNFOLDED) &&
      this.#table.fold(() => performance.now() >= end);
    if (isDone) return;
    this.foldLater();
    this.#isDue = true;
  }
}
