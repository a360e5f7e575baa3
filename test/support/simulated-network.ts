import type { DestinationResponse, Batch, Destination } from '../../src/destinations/destination.js';
import type { ManualRuntime } from './manual-runtime.js';

/** What becomes of one request, all in the time of a clock that is advanced by hand. */
export interface SimulatedMove {
  /** Until the server has it. Whoever gives the request up does not call it back. */
  readonly arrivesAfterMs: number;
  /** From there on until the answer is back. `undefined`: it never is. */
  readonly answersAfterMs: number | undefined;
  readonly answer: DestinationResponse | 'connection lost' | 'stored, then connection lost';
}

export interface SimulatedNetwork {
  readonly destination: Destination;
  /** The ids of all entries that the server has stored. */
  readonly stored: ReadonlySet<string>;
  /** Requests of which the sender still wants the answer, now and at most, of each kind. */
  readonly mostAtOnce: number;
  readonly requests: number;
}

/** A destination with a server behind it that does one move a request, and when there are no more, what it should. */
export function simulateNetwork(
  clock: ManualRuntime,
  nextMove: (batch: Batch) => SimulatedMove | undefined,
): SimulatedNetwork {
  const stored = new Set<string>();
  const underWay = { prompt: 0, event: 0 };
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
      mostAtOnce = Math.max(mostAtOnce, ++underWay[kind]);
      let isWanted = true;
      const leave = (): void => {
        if (isWanted) underWay[kind]--;
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
