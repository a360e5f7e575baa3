/** One change of a record. */
export interface Change {
  /** Number of the change. Records that were removed together share it. */
  readonly revision: number;
  readonly id: string;
  readonly isRemoval: boolean;
}

/** Changes that are kept: more than a page that reconnects is sent, by far. */
const MAX_CHANGES = 10_000;

/** The latest changes, so that what has happened since a revision is found without a look at every record. */
export class ChangeLog {
  #changes: Change[] = [];
  /** Revision after which every change is kept. */
  #start = 0;

  add(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length <= 2 * MAX_CHANGES) return;
    this.#start = this.#changes.at(-MAX_CHANGES - 1)?.revision ?? 0;
    // Drops all changes of the last revision that is dropped: a revision must not be listed in part.
    this.#changes = this.#changes.slice(-MAX_CHANGES).filter(({ revision }) => revision > this.#start);
  }

  /** Forgets everything up to a revision: what changed before it can no longer be told. */
  restart(revision: number): void {
    this.#changes = [];
    this.#start = revision;
  }

  /** Returns the changes after a revision, earliest first. Undefined if they are no longer known. */
  since(revision: number): readonly Change[] | undefined {
    if (revision < this.#start) return undefined;
    let first = this.#changes.length;
    while (first > 0 && (this.#changes[first - 1]?.revision ?? 0) > revision) first--;
    return this.#changes.slice(first);
  }
}
