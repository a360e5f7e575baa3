import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runBundled, type ScriptRun } from '../support/run-bundled.js';
import { closedPort, startScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';

const SCRIPT = fileURLToPath(new URL('process/end-of-process.ts', import.meta.url));

function statsOf({ output }: ScriptRun): Record<string, unknown> {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('A process that falls off its end', () => {
  it.each(['flush', 'shutdown'])('ends at once after await %s(), and everything is there', async (ending) => {
    const server = await startScriptedServer();
    const run = await runBundled(SCRIPT, [server.url, ending]);
    await server.close();
    expect(run.exitCode).toBe(0);
    expect(new Set(idsOf(server.stored)).size).toBe(250);
    expect(statsOf(run)).toMatchObject({ delivered: 250 });
    expect(run.durationMs).toBeLessThan(2_000);
  });

  it.each(['flush', 'shutdown'])(
    'ends in time and with code 0 after await %s() when the server is down',
    async (ending) => {
      const run = await runBundled(SCRIPT, [`http://127.0.0.1:${await closedPort()}`, ending]);
      expect(run).toMatchObject({ exitCode: 0 });
      expect(statsOf(run)).toMatchObject({ accepted: 250, delivered: 0 });
      expect(run.durationMs).toBeLessThan(4_000);
    },
  );

  it.each(['flush', 'shutdown'])(
    'ends in time and with code 0 after await %s() when the server hangs',
    async (ending) => {
      const server = await startScriptedServer(() => 'hang');
      const started = performance.now();
      const run = runBundled(SCRIPT, [server.url, ending]);
      // A flush gives up waiting, not the request; the server ends that here, as a timeout would.
      setTimeout(() => void server.close(), 5_000);
      expect(await run).toMatchObject({ exitCode: 0 });
      expect(performance.now() - started).toBeLessThan(ending === 'shutdown' ? 5_000 : 8_000);
      await server.close().catch(() => {});
    },
  );

  it.each(['nothing', 'linger'])(
    'ends at once without a flush (%s) although entries wait and the server is down',
    async (ending) => {
      const run = await runBundled(SCRIPT, [`http://127.0.0.1:${await closedPort()}`, ending]);
      expect(run).toMatchObject({ exitCode: 0 });
      expect(run.durationMs).toBeLessThan(1_500);
    },
  );
});
