import { expect, onTestFinished, test } from 'vitest';
import { MemoryStore, type RecordStore } from '../../../src/server/index.js';
import { Quotas } from '../../../src/server/security/quotas.js';
import { useTeam, type LoggedEvent, type TestTeam, type TestTeamOptions } from '../../support/use-team.js';
import { sendThroughOutages, type Outages } from './collector-scenario.js';

const FAULTS = ['none', 'down', 'slow', 'late', 'failing after the write'] as const;
type Fault = (typeof FAULTS)[number];

/** A store whose writes fail in the given way. */
function faultyStore(store: RecordStore, fault: () => Fault, timeoutMs: number): RecordStore {
  const down = (): Error => Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
  const wait = (ms: number) => new Promise((resolve) => void setTimeout(resolve, ms));
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = (args: readonly unknown[]): unknown => Reflect.apply(value, target, args);
      if (name !== 'put' && name !== 'get' && name !== 'remove' && name !== 'recentInTraces')
        return (...args: readonly unknown[]) => call(args);
      return async (...args: readonly unknown[]) => {
        const now = fault();
        if (now === 'down') throw down();
        if (now === 'slow') await wait(10);
        // The sender gives up before the store has taken it.
        if (now === 'late') await wait(timeoutMs * 1.2);
        const answer = await call(args);
        if (now === 'failing after the write' && name === 'put') throw down();
        return answer;
      };
    },
  });
}

interface TestOutages extends Outages {
  /** What all servers logged. */
  readonly logged: () => readonly LoggedEvent[];
}

async function useOutages(
  restarts: boolean,
  options: () => TestTeamOptions = () => ({}),
): Promise<TestOutages> {
  const timeoutMs = 1_000;
  const store = new MemoryStore();
  let fault: Fault = 'none';
  const faulty = faultyStore(store, () => fault, timeoutMs);
  const started: TestTeam[] = [];
  const start = async () => {
    const team = await useTeam({
      keys: 'shop=key',
      openStore: () => Promise.resolve(faulty),
      ...options(),
    });
    started.push(team);
    return team;
  };
  const servers: TestTeam[] = [await start(), await start()];
  onTestFinished(() => void Promise.all(servers.map((server) => server.drain(0))));
  return {
    timeoutMs,
    logged: () => started.flatMap(({ log }) => log),
    // By the trace, as the load-balancing exporter routes.
    addressOf: (traceId) => servers[Number.parseInt(traceId.at(-1) ?? '0', 16) % 2]?.url ?? '',
    keepsFacts: !restarts,
    async disturb(group, random) {
      fault = FAULTS[group % FAULTS.length] ?? 'none';
      if (!restarts || group % 2 === 0) return;
      const victim = random() < 0.5 ? 0 : 1;
      // With a deadline of none, requests in flight are cut off.
      await servers[victim]?.drain(random() < 0.5 ? 0 : 50);
      servers[victim] = await start();
    },
    recover: () => {
      fault = 'none';
      return Promise.resolve();
    },
    records: async () => (await store.list({}, { limit: 10_000 })).records,
  };
}

test.each([
  [1, true],
  [2, true],
  [3, false],
])(
  'whatever fails on the way from a Collector, nothing is lost and repeats count once (seed %i)',
  { timeout: 120_000 },
  async (seed, restarts) => {
    const { retried, partial } = await sendThroughOutages(seed, 40, await useOutages(restarts));
    expect(retried.get(503)).toBeGreaterThan(0);
    expect(retried.get('transport')).toBeGreaterThan(0);
    // Of a request with a damaged span, the others are kept.
    expect(partial).toBeGreaterThan(0);
  },
);

/** Time of the Collector in milliseconds: it passes while it waits. */
let waitedMs = 0;
/** A server as busy as it may be, or with a key that writes more than it may. */
const LIMITS: readonly (readonly [limit: string, reason: string, options: () => TestTeamOptions])[] = [
  ['the room for bodies', 'busy', () => ({ maxBytesInFlight: LARGEST_BODY })],
  // Less than a group of requests holds.
  ['the quota of a key', 'quota', () => ({ quota: 5, quotas: new Quotas(() => waitedMs) })],
];
/** A request of the scenario has less, those that a Collector sends at a time have more. */
const LARGEST_BODY = 5_500;

test.each(LIMITS)(
  'above %s, a Collector is told to wait: it sends again what was refused, and nothing is lost or doubled',
  { timeout: 120_000 },
  async (_limit, reason, options) => {
    const outages = await useOutages(true, options);
    const { retried } = await sendThroughOutages(4, 25, {
      ...outages,
      addressOf: () => outages.addressOf('0'),
      onWaited: (ms) => (waitedMs += ms),
    });
    expect(retried.get(429)).toBeGreaterThan(0);
    expect(outages.logged()).toContainEqual(
      expect.objectContaining({ event: 'refused', reason, status: 429 }),
    );
  },
);
