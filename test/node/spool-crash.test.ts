import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { fileSpool } from '../../src/node/index.js';
import { bundleScript } from '../support/bundle-script.js';
import { removeDirectory } from '../support/remove-directory.js';
import { OK, type Reply, startScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';
import { eventually } from '../support/eventually.js';

const SCRIPT = fileURLToPath(new URL('process/spooler.ts', import.meta.url));
/** 200 take half a minute on two processors. */
const KILLS = Number(process.env['SPOOL_KILLS'] ?? 200);
/** Projects whose names a file name could not tell apart, each with a key of its own, in one directory. */
const PROJECTS = [
  { project: '東京', apiKey: 'key-of-tokyo' },
  { project: '大阪', apiKey: 'key-of-osaka' },
] as const;
/** Number of processes that share the directory at any time. */
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
  `a spool of two projects loses no safe entry and sends none with the other key in ${KILLS} kills of ${AT_ONCE} processes`,
  { timeout: 60_000 + KILLS * 1_000 },
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
        const number = started++;
        const { project, apiKey } = PROJECTS[number % PROJECTS.length] ?? PROJECTS[0];
        const args = [server.url, dir, `${apiKey}-${number}`, project, apiKey];
        const victim = await killAtRandom(file, args);
        expect(victim.signal).toBe('SIGKILL');
        safe.push(...victim.safe);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, killOn));

    server.follow(() => OK);
    const spool = fileSpool({ dir, claimWithinMs: 0 });
    const heirs = PROJECTS.map((options) =>
      createDelivery(trubricsIngestion({ host: server.url, ...options }), { spool }),
    );
    // An heir claims one directory after the other, at the pace of the disk.
    await eventually(async () => {
      await Promise.all(heirs.map((heir) => heir.flush(30_000)));
      const stored = new Set(idsOf(server.stored));
      expect(safe.filter((id) => !stored.has(id))).toEqual([]);
    });
    console.log(`${safe.length} safe, ${server.stored.length} sent`);
    expect(safe.length).toBeGreaterThan(KILLS * 10);
    for (const heir of heirs) {
      await eventually(() => expect(heir.stats()).toMatchObject({ spooled: 0, queued: 0 }));
      await heir.shutdown();
    }
    const strays = server.requests.flatMap(({ headers, items }) =>
      idsOf(items).filter((id) => !id.startsWith(`${String(headers['x-api-key'])}-`)),
    );
    expect(strays).toEqual([]);
    await server.close();
    await dispose();
    await removeDirectory(dir);
  },
);
