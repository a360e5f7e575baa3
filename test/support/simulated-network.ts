import type { DestinationResponse, Batch, Destination } from '../../src/destinations/destination.js';
import type { ManualRuntime } from './manual-runtime.js';

/** The fate of one request, in the time of a manual clock. */
export interface SimulatedMove {
  /** Time until the server has the request, even if the client aborts it meanwhile. */
  readonly arrivesAfterMs: number;
  /** Time from there to the response. `undefined`: there is none. */
  readonly answersAfterMs: number | undefined;
  readonly answer: DestinationResponse | 'connection lost' | 'stored, then connection lost';
}

export interface SimulatedNetwork {
  readonly destination: Destination;
  /** The ids of all entries that the server has stored. */
  readonly stored: ReadonlySet<string>;
  /** The most requests of one kind that were in flight at once. */
  readonly mostAtOnce: number;
  readonly requests: number;
}

/** Creates a destination whose requests follow the moves, one each. Requests after the last move succeed. */
export function simulateNetwork(
  clock: ManualRuntime,
  nextMove: (batch: Batch) => SimulatedMove | undefined,
): SimulatedNetwork {
  const stored = new Set<string>();
  const inFlight = { prompt: 0, event: 0 };
  let mostAtOnce = 0;
  let requests = 0;
  const pass = (ms: number): Promise<void> =>
    new Promise((resolve) => clock.setTimer(() => resolve(), ms, true));

  const destination: Destination = {
    name: 'simulated',
    encode: (entry) => JSON.stringify(entry.kind === 'prompt' ? entry.record.id : entry.event.id),
    async send(batch, { signal }) {
      requests++;
      const { kind, items } = batch;
      mostAtOnce = Math.max(mostAtOnce, ++inFlight[kind]);
      let isWanted = true;
      const leave = (): void => {
        if (isWanted) inFlight[kind]--;
        isWanted = false;
      };
      signal.addEventListener('abort', leave);
      const move = nextMove(batch) ?? { arrivesAfterMs: 1, answersAfterMs: 1, answer: { status: 200 } };
      await pass(move.arrivesAfterMs);
      const { answer } = move;
      const isStored =
        answer === 'stored, then connection lost' ||
        (typeof answer === 'object' && answer.status >= 200 && answer.status < 300);
      if (isStored) {
        const refused = typeof answer === 'object' ? (answer.rejected ?? []) : [];
        for (const [index, item] of items.entries())
          if (!refused.includes(index)) stored.add(JSON.parse(item) as string);
      }
      if (move.answersAfterMs === undefined) return new Promise<DestinationResponse>(() => {});
      await pass(move.answersAfterMs);
      leave();
      if (typeof answer === 'string') throw Object.assign(new Error(answer), { code: 'ECONNRESET' });
      return answer;
    },
  };
  return {
    destination,
    stored,
    get mostAtOnce() {
      return mostAtOnce;
    },
    get requests() {
      return requests;
    },
  };
}
