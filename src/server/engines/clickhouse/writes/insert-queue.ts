/** Items of one caller that wait to be written together with those of others. */
interface Waiting<Item, Result> {
  readonly items: readonly Item[];
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface InsertQueueOptions<Item, Result> {
  /** Writes all items. If it rejects, every caller is told, although some items may be written: it must be harmless to repeat them. */
  readonly write: (items: readonly Item[]) => Promise<Result>;
  /** Items from which a write starts at once. */
  readonly maxItems: number;
  /** Longest time that the first of them waits for others. */
  readonly maxWaitMs: number;
}

/**
 * Gathers small writes: ClickHouse makes a part of each insert, and merges of too many parts take the time of everything else. One write runs at a time,
 * so that a later write finds what an earlier one has stored.
 */
export class InsertQueue<Item, Result> {
  readonly #options: InsertQueueOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  constructor(options: InsertQueueOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves with the result of the write that included the items. */
  add(items: readonly Item[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ items, resolve, reject });
      this.#count += items.length;
      if (this.#count >= this.#options.maxItems) this.#start();
      else this.#timer ??= setTimeout(() => this.#start(), this.#options.maxWaitMs);
    });
  }

  /** Writes what waits. Resolves when everything that was added before has been written or refused. */
  async drain(): Promise<void> {
    this.#start();
    await this.#running;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length > 0) this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      this.#count = 0;
      const items = batch.flatMap((waiting) => waiting.items);
      try {
        const result = await this.#options.write(items);
        for (const { resolve } of batch) resolve(result);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    // In the same step as the last look: a caller who goes on with the next full batch at once would find it running, and wait for ever.
    this.#running = undefined;
  }
}
