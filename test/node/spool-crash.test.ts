import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { fileSpool } from '../../src/node/index.js';
import { bundleScript } from '../support/bundle-script.js';
import { removeDirectory } from '../support/remove-directory.js';
import { OK, type Reply, startScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';

const SCRIPT = fileURLToPath(new URL('process/spooler.ts', import.meta.url));
const KILLS = 100;
/** So many processes share the directory at any time. */
const AT_ONCE = 4;

interface Victim {
  readonly safe: readonly string[];
  readonly signal: string | null;
}

/** Starts a process that spools, kills it at a random moment, and returns the entries that it had called safe. */
function killAtRandom(file: string, args: readonly string[]): Promise<Victim> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      if (output === '') setTimeout(() => child.kill('SIGKILL'), Math.random() * 120);
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      // The last line may be torn; whoever reads "deliv" does not know.
      const lines = output
        .slice(0, output.lastIndexOf('\n') + 1)
        .trim()
        .split('\n');
      const safe = lines.filter((line) => /(?:spooled|delivered)$/.test(line));
      resolve({ safe: safe.map((line) => line.split(' ')[0] ?? ''), signal });
    });
  });
}

test(
  `a spool loses no entry that it reported as safe in ${KILLS} kills of ${AT_ONCE} processes`,
  { timeout: 90_000 },
  async () => {
    let moves = 0;
    const replies: readonly Reply[] = [
      OK,
      { status: 503 },
      OK,
      'reset',
      'hang',
      OK,
      'reset-after-storing',
      { status: 429 },
    ];
    const server = await startScriptedServer(() => replies[moves++ % replies.length] ?? OK);
    const dir = await mkdtemp(join(tmpdir(), 'spool-crash-'));
    const { file, dispose } = await bundleScript(SCRIPT);
    const safe: string[] = [];
    let started = 0;
    const killOn = async (): Promise<void> => {
      while (started < KILLS) {
        const victim = await killAtRandom(file, [server.url, dir, `run-${started++}`]);
        expect(victim.signal).toBe('SIGKILL');
        safe.push(...victim.safe);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, killOn));

    server.follow(() => OK);
    const heir = createDelivery(trubricsIngestion({ host: server.url }), {
      spool: fileSpool({ dir, claimWithinMs: 0 }),
    });
    // It takes over one directory after the other, at the pace of the disk.
    await vi.waitFor(
      async () => {
        await heir.flush(30_000);
        const stored = new Set(idsOf(server.stored));
        expect(safe.filter((id) => !stored.has(id))).toEqual([]);
      },
      { timeout: 40_000, interval: 200 },
    );
    console.log(`${safe.length} safe, ${server.stored.length} sent`);
    expect(safe.length).toBeGreaterThan(KILLS * 10);
    await vi.waitFor(() => expect(heir.stats()).toMatchObject({ spooled: 0, queued: 0 }), {
      timeout: 10_000,
    });
    await heir.shutdown();
    await server.close();
    await dispose();
    await removeDirectory(dir);
  },
);
