import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { DeliveryStats } from '../../src/delivery/model/delivery-stats.js';
import { fileSpool } from '../../src/node/index.js';
import { bundleScript } from '../support/bundle-script.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { runBundled } from '../support/run-bundled.js';
import { useFolder } from '../support/use-folder.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { inTurn, OK, startScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';
import { onlyDirectoryIn } from '../support/only-directory-in.js';

const HOLDER = fileURLToPath(new URL('process/holder.ts', import.meta.url));
const SHARER = fileURLToPath(new URL('process/sharer.ts', import.meta.url));
const HOUR_MS = 3_600_000;

let dir: string;
beforeEach(async () => {
  dir = await useFolder();
});
afterEach(() => void vi.restoreAllMocks());

/** A process with ten spooled entries. */
async function startHolder(): Promise<ChildProcess> {
  const { file, dispose } = await bundleScript(HOLDER);
  const child = spawn(process.execPath, [file, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await dispose();
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

describe('Two processes with one spool directory', () => {
  test('two processes with one spool directory deliver all entries once and leave no file', async () => {
    const server = await startScriptedServer(inTurn({ status: 503 }, OK, { status: 500 }, OK));
    const runs = await Promise.all(['a', 'b'].map((prefix) => runBundled(SHARER, [server.url, dir, prefix])));
    await server.close();
    for (const { exitCode, output } of runs) {
      expect(exitCode).toBe(0);
      const stats = JSON.parse(output.trim().split('\n').at(-1) ?? '') as DeliveryStats;
      expect(stats).toMatchObject({ accepted: 500, delivered: 500, spooled: 0, spool: { claimed: 0 } });
    }
    const ids = idsOf(server.stored);
    expect(ids).toHaveLength(1_000);
    expect(new Set(ids).size).toBe(1_000);
    expect(await readdir(await onlyDirectoryIn(dir))).toEqual([]);
  });

  test.each([
    ['forward', 400 * 24 * HOUR_MS],
    ['back', -400 * 24 * HOUR_MS],
  ])(
    'processes with one spool directory do not claim from each other when the clock is set %s',
    async (_, jumpMs) => {
      const holder = await startHolder();
      const realNow = Date.now;
      vi.spyOn(Date, 'now').mockImplementation(() => realNow() + jumpMs);
      const clock = new ManualRuntime(realNow());
      const destination = scriptedDestination();
      const delivery = createDelivery(destination, { spool: fileSpool({ dir, claimWithinMs: 0 }) }, clock);
      // A few rounds of looking for orphans; the other process cannot show its life any faster than real time.
      for (let round = 0; round < 5; round++) {
        await clock.advance(15_000);
        await pause(20);
      }
      expect(delivery.stats().accepted).toBe(0);

      await kill(holder);
      for (let round = 0; round < 100 && delivery.stats().delivered < 10; round++) {
        await clock.advance(15_000);
        await pause(20);
      }
      expect(delivery.stats()).toMatchObject({ accepted: 10, delivered: 10, spooled: 0 });
      expect(destination.delivered).toHaveLength(10);
      void delivery.shutdown(100);
      await clock.advance(100);
    },
  );
});
