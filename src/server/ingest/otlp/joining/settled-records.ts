/** Spans that were forgotten after their record was stored. */
const MAX_SETTLED = 100_000;

/** Remembers which record a forgotten span is part of, by the id that its own record would have. The oldest are forgotten. */
export class SettledRecords {
  /** Oldest first. */
  readonly #recordIds = new Map<string, string>();

  get(id: string): string | undefined {
    return this.#recordIds.get(id);
  }

  set(id: string, recordId: string): void {
    this.#recordIds.delete(id);
    this.#recordIds.set(id, recordId);
    if (this.#recordIds.size <= MAX_SETTLED) return;
    const [oldest] = this.#recordIds.keys();
    if (oldest !== undefined) this.#recordIds.delete(oldest);
  }
}
