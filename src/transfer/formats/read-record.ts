import type { NewRecord } from '../../server/model/stored-record.js';
import type { Place } from '../input/split-items.js';
import type { Skip } from '../input/import-skip-reason.js';

/** A record that was read, or why there is none. */
export type ReadRecord = NewRecord | Skip;

export interface ReadContext {
  readonly place: Place;
  /** Time of records that name none: when the file was last changed, so that a repeated import gives the same record. */
  readonly fallbackTime: Date;
}

/** Something that was read from a file, with its place. */
export interface PlacedRecord {
  readonly place: Place;
  readonly read: ReadRecord;
}

export function isSkip(read: ReadRecord): read is Skip {
  return 'reason' in read;
}
