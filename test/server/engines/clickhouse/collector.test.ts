import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openClickHouseStore } from '../../../../src/server/index.js';
import { buildCli, run, type Run } from '../../../cli/helpers.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { sendThroughOutages } from '../../team/collector-scenario.js';

interface Serve extends Run {
  readonly url: string;
}

describe.runIf(chdbFolder)(
  'a Collector in front of two servers over one ClickHouse',
  { timeout: 600_000 },
  () => {
    const clickHouse = useClickHouse();
    let cli: Awaited<ReturnType<typeof buildCli>>;
    beforeAll(async () => {
      cli = await buildCli();
    });
    afterAll(() => cli.remove());

    async function startServe(store: string): Promise<Serve> {
      const environment = { TRUBRICS_SERVER_KEYS: 'shop=key', TRUBRICS_SERVER_TOKENS: '*=reader' };
      const serve = run(cli.file, ['serve', '--port', '0', '--store', store], environment);
      const url = await vi.waitFor(
        () => {
          const found = /"event":"started","url":"([^"]+)"/.exec(serve.output().stdout)?.[1];
          if (found === undefined) throw new Error(serve.output().stderr);
          return found;
        },
        { timeout: 60_000 },
      );
      return { ...serve, url };
    }

    test.each([1])(
      'servers killed, the engine gone and back: nothing is lost and repeats count once (seed %i)',
      async (seed) => {
        const store = await clickHouse.createDatabase();
        const servers = [await startServe(store), await startServe(store)];
        let [kills, engineRestarts] = [0, 0];
        const { retried } = await sendThroughOutages(seed, 40, {
          timeoutMs: 5_000,
          keepsFacts: false,
          addressOf: (traceId) => servers[Number.parseInt(traceId.at(-1) ?? '0', 16) % 2]?.url ?? '',
          async disturb(group, random) {
            if (group % 3 === 0) return;
            if (group % 3 === 2) {
              engineRestarts += 1;
              await clickHouse.restart();
              return;
            }
            const victim = random() < 0.5 ? 0 : 1;
            kills += 1;
            servers[victim]?.child.kill(random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
            servers[victim] = await startServe(store);
          },
          recover: () => Promise.resolve(),
          async records() {
            const opened = await openClickHouseStore({ url: store, project: 'shop' });
            const { records } = await opened.list({}, { limit: 10_000 });
            await opened.close();
            return records;
          },
        });
        expect([kills > 0, engineRestarts > 0, retried.size > 0]).toEqual([true, true, true]);
        // What failed was answered so that it came again.
        expect([...retried.keys()].filter((status) => status !== 'transport' && status !== 503)).toEqual([]);
      },
    );
  },
);
