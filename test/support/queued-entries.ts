import {
  type MemoryEntry,
  type SpooledEntry,
  toSequence,
  type UnsendableEntry,
} from '../../src/delivery/model/queued-entry.js';

let nextSequence = 1;

/** An entry of ten bytes that waits in memory. Numbers ascend. */
export function memoryEntry(fields: Partial<MemoryEntry> = {}): MemoryEntry {
  return { storage: 'memory', json: '{"a":1234}', onSettled: undefined, ...common(), ...fields };
}

/** An entry of ten bytes that was loaded from the spool. */
export function spooledEntry(fields: Partial<SpooledEntry> = {}): SpooledEntry {
  return { storage: 'spool', json: '{"a":1234}', handle: {}, ...common(), ...fields };
}

/** An entry that could not be queued. */
export function unsendableEntry(fields: Partial<UnsendableEntry> = {}): UnsendableEntry {
  return { storage: 'none', json: undefined, onSettled: undefined, ...common(), ...fields };
}

function common() {
  const sequence = toSequence(nextSequence++);
  return { kind: 'prompt', bytes: 10, sequence, acceptedAtMs: 0 } as const;
}
