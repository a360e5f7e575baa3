import { randomUUID } from 'node:crypto';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { ChangePage, Changes, Cursor } from '../../record-store.js';
import { parseCursor, splitEpoch } from '../parse-cursor.js';
import type { RecordTable } from '../table/record-table.js';
import { ChangeLog } from './change-log.js';

/** Numbers the changes of a table, and answers what has changed since a cursor. */
export class RecordChanges {
  readonly #table: RecordTable;
  readonly #log = new ChangeLog();
  /** Tells cursors of this process from those of another: revisions are counted anew by each. */
  readonly #epoch = randomUUID().slice(0, 8);

  constructor(table: RecordTable) {
    this.#table = table;
  }

  /** Cursor of the latest change, for {@link since}. */
  get cursor(): Cursor {
    return String(this.#table.revision);
  }

  /** Notes that a record is new, or has a new version. */
  addPut(id: string): void {
    this.#log.add({ revision: ++this.#table.revision, id, isRemoval: false });
  }

  /** Notes that records were removed together. */
  addRemovals(ids: readonly string[]): void {
    const revision = ++this.#table.revision;
    for (const id of ids) this.#log.add({ revision, id, isRemoval: true });
  }

  /** Notes that all records were removed: a reader has to start anew. */
  restart(): void {
    this.#log.restart(++this.#table.revision);
  }

  /** Does what `RecordStore.changes` does. @throws BadQueryError */
  since(cursor: Cursor | undefined, limit: number): Changes {
    const nothing = { records: [], removed: [], cursor: this.cursor };
    if (cursor === undefined) return { ...nothing, isComplete: true };
    const changes = this.#log.since(parseCursor('since', cursor));
    if (!changes) return { ...nothing, isComplete: false };
    // The latest change of a record counts.
    const isRemoved = new Map(changes.map(({ id, isRemoval }) => [id, isRemoval]));
    const removed = [...isRemoved].flatMap(([id, isRemoval]) => (isRemoval ? [id] : []));
    const records = [...isRemoved.keys()].flatMap((id) => this.#table.recordOfId(id) ?? []);
    if (removed.length + records.length > limit) return { ...nothing, isComplete: false };
    return { ...nothing, records: inOrder(records), removed, isComplete: true };
  }

  /** Does what `RecordStore.changePage` does. @throws BadQueryError */
  page(cursor: Cursor | undefined, limit: number): ChangePage {
    const nothing = { records: [], removed: [], cursor: this.#pageCursor(), hasMore: false };
    if (cursor === undefined) return { ...nothing, isComplete: true };
    const changes = this.#sincePage(cursor);
    if (!changes) return { ...nothing, isComplete: false };
    const last = changes[Math.min(limit, changes.length) - 1];
    if (!last) return { ...nothing, isComplete: true };
    const page = changes.filter((change) => change.revision <= last.revision);
    const ids = [...new Set(page.map(({ id }) => id))];
    const found = new Map(ids.map((id) => [id, this.#table.recordOfId(id)]));
    const wasRemoved = new Set(page.flatMap(({ id, isRemoval }) => (isRemoval ? [id] : [])));
    return {
      records: inOrder([...found.values()].flatMap((record) => record ?? [])),
      // One that is gone by now, and was not in this page, is told by a later one.
      removed: ids.filter((id) => wasRemoved.has(id) && !found.get(id)),
      cursor: this.#pageCursor(last.revision),
      hasMore: page.length < changes.length,
      isComplete: true,
    };
  }

  #sincePage(cursor: Cursor) {
    const [epoch, revision] = splitEpoch(cursor);
    return epoch === this.#epoch ? this.#log.since(parseCursor('cursor', revision)) : undefined;
  }

  #pageCursor(revision = this.#table.revision): Cursor {
    return `${this.#epoch}-${revision}`;
  }
}

function inOrder(records: readonly StoredRecord[]): readonly StoredRecord[] {
  return records.toSorted((a, b) => a.seq - b.seq);
}
