import type { Destination, Entry, EntryKind } from '../../destinations/destination.js';
import { ignoreRejection } from '../../common/safely.js';
import type { DropReason } from '../model/settlement.js';
import { utf8Length } from './utf8-length.js';

/** An entry as the destination wants it; with a `refusal` it cannot be sent, and `json` may be empty. */
export interface Encoded {
  readonly kind: EntryKind;
  readonly json: string;
  /** UTF-8 bytes of `json`. */
  readonly bytes: number;
  readonly refusal?: DropReason;
}

/** Never throws, whatever the destination and the entry do. */
export function encodeEntry(destination: Destination, entry: Entry, largestBytes: number): Encoded {
  let kind: EntryKind = 'prompt';
  try {
    kind = entry.kind === 'event' ? 'event' : 'prompt';
    const json: unknown = destination.encode(entry);
    if (json === undefined) return refused(kind, 'unsupported');
    if (typeof json === 'string' && json !== '') {
      const bytes = utf8Length(json);
      return { kind, json, bytes, ...(bytes > largestBytes && { refusal: 'too_large' }) };
    }
    ignoreRejection(json);
  } catch {
    // Reported as what it is, a few lines down; the error may quote the content.
  }
  return refused(kind, 'serialization_failed');
}

function refused(kind: EntryKind, refusal: DropReason): Encoded {
  return { kind, json: '', bytes: 0, refusal };
}
