import type { Destination, Entry } from '../../src/destinations/destination.js';
import type { PromptRecord, TrackedEvent } from '../../src/records/model/prompt-record.js';

export interface MemoryDestination extends Destination {
  readonly records: readonly PromptRecord[];
  readonly events: readonly TrackedEvent[];
}

/** Creates a destination that keeps records and events in memory, after a round trip through JSON. */
export function memoryDestination(): MemoryDestination {
  const records: PromptRecord[] = [];
  const events: TrackedEvent[] = [];
  return {
    name: 'memory',
    encode: (entry) => JSON.stringify(entry),
    send: async ({ items }) => {
      await Promise.resolve();
      for (const item of items) {
        const entry = JSON.parse(item) as Entry;
        if (entry.kind === 'prompt') records.push(entry.record);
        else events.push(entry.event);
      }
    },
    records,
    events,
  };
}
