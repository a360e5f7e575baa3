import { expect, onTestFinished, test } from 'vitest';
import { MemoryStore, type RecordStore } from '../../../src/server/index.js';
import { useTeam, type TestTeam } from '../../support/use-team.js';
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

async function useOutages(restarts: boolean): Promise<Outages> {
  const timeoutMs = 300;
  const store = new MemoryStore();
  let fault: Fault = 'none';
  const faulty = faultyStore(store, () => fault, timeoutMs);
  const start = () =>
    useTeam({
      keys: 'shop=key',
      openStore: () => Promise.resolve(faulty),
    });
  const servers: TestTeam[] = [await start(), await start()];
  onTestFinished(() => void Promise.all(servers.map((server) => server.drain(0))));
  return {
    timeoutMs,
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
