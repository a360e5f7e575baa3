import type { DestinationResponse, Batch, Destination } from '../../src/destinations/destination.js';

export interface ScriptedDestination extends Destination {
  /** All batches so far, with the time of sending. */
  readonly batches: readonly (Batch & { readonly atMs: number })[];
  /** The ids of the batches that succeeded. */
  readonly delivered: readonly string[];
}

type Reaction = DestinationResponse | Error | 'hang' | undefined;

/**
 * Creates a destination in memory for tests with a manual clock, which real sockets do not follow. Items are the ids of the entries as
 * JSON.
 */
export function scriptedDestination(
  react: (batch: Batch, number: number) => Reaction = () => undefined,
  now: () => number = () => performance.now(),
  overrides: Partial<Destination> = {},
): ScriptedDestination {
  const batches: (Batch & { readonly atMs: number })[] = [];
  const delivered: string[] = [];
  return {
    name: 'scripted',
    encode: (entry) => JSON.stringify(entry.kind === 'prompt' ? entry.record.id : entry.event.id),
    async send(batch) {
      batches.push({ ...batch, atMs: now() });
      const reaction = react(batch, batches.length);
      if (reaction === 'hang') return new Promise(() => {});
      if (reaction instanceof Error) throw reaction;
      if (!reaction || (reaction.status >= 200 && reaction.status < 300))
        delivered.push(...batch.items.map(idOf));
      return reaction;
    },
    batches,
    delivered,
    ...overrides,
  };
}

function idOf(item: string): string {
  return JSON.parse(item) as string;
}
