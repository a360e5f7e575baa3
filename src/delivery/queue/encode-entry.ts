import type { Destination, Entry, EntryKind } from '../../destinations/destination.js';
import { ignoreRejection } from '../../common/safely.js';
import { utf8Length } from '../../common/web/utf8.js';
import type { DropReason } from '../model/settlement.js';

/** An entry in the form that the destination wants, or the reason for which it cannot be sent. */
export type EncodedEntry =
  | { readonly sendable: true; readonly kind: EntryKind; readonly json: string; readonly bytes: number }
  | {
      readonly sendable: false;
      readonly kind: EntryKind;
      readonly dropReason: DropReason;
      /** `undefined` if the entry could not be encoded. */
      readonly json: string | undefined;
      readonly bytes: number;
    };

/** Encodes and measures an entry. Never throws, whatever the destination and the entry do. */
export function encodeEntry(destination: Destination, entry: Entry, maxBytes: number): EncodedEntry {
  try {
    const kind = kindOf(entry);
    const json: unknown = destination.encode(entry);
    if (json === undefined) return notEncoded(entry, 'unsupported');
    if (typeof json === 'string' && json !== '') {
      const bytes = utf8Length(json);
      if (bytes <= maxBytes) return { sendable: true, kind, json, bytes };
      return { sendable: false, kind, dropReason: 'too_large', json, bytes };
    }
    ignoreRejection(json);
  } catch {
    // Falls through to `serialization_failed`. The error is not logged because its message may contain prompt text.
  }
  return notEncoded(entry);
}

/** The result for an entry that has no encoded form. Never throws. */
export function notEncoded(entry: Entry, dropReason: DropReason = 'serialization_failed'): EncodedEntry {
  return { sendable: false, kind: kindOf(entry), dropReason, json: undefined, bytes: 0 };
}

/** The entry may be an object of the application whose getters throw. */
function kindOf(entry: Entry): EntryKind {
  try {
    return entry.kind === 'event' ? 'event' : 'prompt';
  } catch {
    return 'prompt';
  }
}
