import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { removeDirectory } from '../support/remove-directory.js';
import { runBundled, type ScriptRun } from '../support/run-bundled.js';
import { closedPort, startScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';

const SCRIPT = fileURLToPath(new URL('process/end-of-process.ts', import.meta.url));

function statsOf({ output }: ScriptRun): Record<string, unknown> {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

// Times include the start of the process, which takes seconds on a busy machine. A timer that keeps it alive lasts at least five.
describe('A process that falls off its end', () => {
  test.each(['flush', 'shutdown'])(
    'a process that awaits %s() ends at once, and all entries are delivered',
    async (ending) => {
      const server = await startScriptedServer();
      const run = await runBundled(SCRIPT, [server.url, ending]);
      await server.close();
      expect(run.exitCode).toBe(0);
      expect(new Set(idsOf(server.stored)).size).toBe(250);
      expect(statsOf(run)).toMatchObject({ delivered: 250 });
      expect(run.durationMs).toBeLessThan(4_500);
    },
  );

  test.each(['flush', 'shutdown'])(
    'a process that awaits %s() ends in time with code 0 when the server is down',
    async (ending) => {
      const run = await runBundled(SCRIPT, [`http://127.0.0.1:${await closedPort()}`, ending]);
      expect(run).toMatchObject({ exitCode: 0 });
      expect(statsOf(run)).toMatchObject({ accepted: 250, delivered: 0 });
      expect(run.durationMs).toBeLessThan(8_000);
    },
  );

  test.each(['flush', 'shutdown'])(
    'a process that awaits %s() ends in time with code 0 when the server hangs',
    async (ending) => {
      const server = await startScriptedServer(() => 'hang');
      const run = await runBundled(SCRIPT, [server.url, ending]);
      await server.close();
      expect(run).toMatchObject({ exitCode: 0 });
      // Three seconds for the flush, far less than the ten of a request.
      expect(run.durationMs).toBeLessThan(9_000);
    },
  );

  test.each(['nothing', 'linger'])(
    'a process without a flush (%s) ends at once although entries wait and the server is down',
    async (ending) => {
      const run = await runBundled(SCRIPT, [`http://127.0.0.1:${await closedPort()}`, ending]);
      expect(run).toMatchObject({ exitCode: 0 });
      expect(run.durationMs).toBeLessThan(4_500);
    },
  );

  test.each([
    ['sends with a refused key', { status: 401 }],
    ['loses entries, which is reported a minute later', { status: 404 }],
    ['gets a Retry-After of five minutes', { status: 503, headers: { 'retry-after': '300' } }],
  ])('a process ends at once when it %s', async (_, reply) => {
    const server = await startScriptedServer(() => reply);
    const run = await runBundled(SCRIPT, [server.url, 'linger']);
    await server.close();
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.durationMs).toBeLessThan(4_500);
  });

  test('a process with a spool ends at once and leaves all entries on disk for the next one', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'end-of-process-'));
    // The same address before and after: the spool of another destination is left alone.
    const port = await closedPort();
    const down = `http://127.0.0.1:${port}`;
    for (const ending of ['nothing', 'linger']) {
      const run = await runBundled(SCRIPT, [down, ending, dir]);
      expect(run).toMatchObject({ exitCode: 0 });
      expect(run.durationMs).toBeLessThan(4_500);
    }
    const server = await startScriptedServer(undefined, port);
    const heir = await runBundled(SCRIPT, [server.url, 'linger, then shutdown', dir, '0']);
    await server.close();
    await removeDirectory(dir);
    expect(statsOf(heir)).toMatchObject({ accepted: 500, delivered: 500, spooled: 0 });
    expect(idsOf(server.stored)).toHaveLength(500);
  });
});
