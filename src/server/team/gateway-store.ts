import { MemoryStore } from '../engines/memory/memory-store.js';
import type { NewRecord } from '../model/stored-record.js';
import type { PutResult } from '../engines/record-store.js';

/** Records that are remembered, so that repeats and late spans of a call are recognised. */
const MAX_RECORDS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** A queue in front of another host is full. Senders are told to send again later. */
export class BackPressureError extends Error {
  override readonly name = 'BackPressureError';
  readonly code = 'EBUSY';
}

/** The store of a gateway: keeps the latest records for a while, and takes none while there is no room in the queue behind it. */
export class GatewayStore extends MemoryStore {
  readonly #hasRoom: (records: readonly NewRecord[]) => boolean;

  constructor(hasRoom: (records: readonly NewRecord[]) => boolean) {
    super({ maxRecords: MAX_RECORDS, maxBytes: MAX_BYTES });
    this.#hasRoom = hasRoom;
  }

  override put(records: readonly NewRecord[], superseded?: readonly string[]): Promise<PutResult> {
    if (this.#hasRoom(records)) return super.put(records, superseded);
    return Promise.reject(new BackPressureError('The queue in front of the other host is full'));
  }
}
