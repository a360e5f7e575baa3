import { asRecord, asStrings } from '../../common/unknown-values.js';
import { Tombstones } from '../../server/engines/tombstones.js';
import type { NewRecord } from '../../server/model/stored-record.js';
import { hashedId } from './hashed-id.js';

/** Erased records that are remembered: more than a file of `dev` keeps by default. */
const MAX_ERASED = 10_000_000;

/**
 * Records that the file of `dev` deletes: it is a log, in which a later line takes back an earlier one. The file is read once for these lines
 * before it is imported. Of each id, 40 bytes are kept.
 */
export class DeletedRecords {
  /** Line of the last deletion by the hash of the id. */
  readonly #lineById = new Map<number, number>();
  readonly #tombstones = new Tombstones(MAX_ERASED);

  /** Takes note of a line. Lines about other things are ignored. */
  note(value: unknown, line: number): void {
    const { removed, erased } = asRecord(value);
    const { ids, hashes, at } = asRecord(erased);
    for (const id of [...asStrings(removed), ...asStrings(ids)]) this.#lineById.set(hashedId(id), line);
    if (typeof at === 'number') this.#tombstones.add({ hashes: asStrings(hashes), at });
  }

  /** Returns why the record of a line is not imported; undefined if it is. */
  reasonAt(record: NewRecord, line: number): 'deleted' | 'erased' | undefined {
    if (this.#tombstones.covers(record)) return 'erased';
    return line < (this.#lineById.get(hashedId(record.id)) ?? 0) ? 'deleted' : undefined;
  }
}
