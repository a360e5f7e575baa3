import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleScript } from '../support/bundle-script.js';
import { runNode } from '../support/run-as-user.js';
import { closedPort } from '../support/scripted-server.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

const SCRIPT = fileURLToPath(new URL('process/exit.ts', import.meta.url));

let bundle: Awaited<ReturnType<typeof bundleScript>>;
beforeAll(async () => {
  bundle = await bundleScript(SCRIPT);
});
afterAll(() => bundle.dispose());

/** Runs the script; `signal` is sent when it has asked its model. */
function run(
  host: string,
  signal?: NodeJS.Signals,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((resolve, reject) => {
    const args = [bundle.file, host, signal === undefined ? 'nothing' : 'signal'];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { NODE_NO_WARNINGS: '1', ...env },
    });
    child.stdout.on('data', () => signal !== undefined && child.kill(signal));
    child.on('error', reject);
    child.on('close', (code, endedBy) => resolve({ code, signal: endedBy }));
  });
}

test.each<NodeJS.Signals | undefined>([undefined, 'SIGTERM', 'SIGINT'])(
  'a process has sent all calls and the stream it left when it ends by %s, without a call of flush()',
  async (signal) => {
    const server = await useScriptedServer();

    const end = await run(server.url, signal);

    expect(end).toEqual({ code: signal === undefined ? 0 : null, signal: signal ?? null });
    expect(server.stored.map((item) => item['prompt'])).toEqual(['answered', 'left']);
  },
);

test('a process whose destination is down ends all the same', async () => {
  const server = await useScriptedServer();
  await server.close();

  await expect(run(server.url)).resolves.toEqual({ code: 0, signal: null });
});

test.each<[ending: string, signal: NodeJS.Signals | undefined, env: NodeJS.ProcessEnv]>([
  ['itself', undefined, {}],
  ['SIGTERM', 'SIGTERM', {}],
  ['itself with TRUBRICS_DISABLED', undefined, { TRUBRICS_DISABLED: 'true' }],
  ['SIGTERM with TRUBRICS_DISABLED', 'SIGTERM', { TRUBRICS_DISABLED: 'true' }],
])('a process without a key and a host ends by %s as if it had no handler', async (_, signal, env) => {
  await expect(run('', signal, env)).resolves.toEqual({
    code: signal === undefined ? 0 : null,
    signal: signal ?? null,
  });
});

test('TRUBRICS_FLUSH_ON_EXIT=true has a process send the stream that it left', async () => {
  const server = await useScriptedServer();

  await run(server.url, undefined, { TRUBRICS_FLUSH_ON_EXIT: 'true' });

  expect(server.stored.map((item) => item['prompt'])).toEqual(['answered', 'left']);
});

test('TRUBRICS_FLUSH_ON_EXIT=false leaves what is queued when the process ends to the application', async () => {
  const server = await useScriptedServer();

  await run(server.url, undefined, { TRUBRICS_FLUSH_ON_EXIT: 'false' });

  expect(server.stored).toEqual([]);
});

test.each<[ending: string, env: Record<string, string>, said: RegExp]>([
  ['exit', {}, /^\(node:\d+\) TrubricsWarning: 1 record was not sent .*process\.exitCode.*\n$/],
  ['exit', { NODE_NO_WARNINGS: '1' }, /^$/],
  ['exit', { TRUBRICS_FLUSH_ON_EXIT: 'false' }, /^$/],
  ['nothing', {}, /^$/],
])('a script that ends by "%s" with %j says what it lost', async (ending, env, said) => {
  const server = await useScriptedServer();
  const { code, stderr } = await runNode([bundle.file, server.url, ending], { env });
  expect(code).toBe(0);
  expect(stderr).toMatch(said);
});

test('a script whose destination is down is told the reason at once, and at its end how much was lost', async () => {
  const { code, stderr } = await runNode([bundle.file, `http://127.0.0.1:${await closedPort()}/api`]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/TrubricsWarning: trubrics: cannot deliver at \S+ \(ECONNREFUSED\).*\n/);
  expect(stderr).toMatch(
    /TrubricsWarning: 2 records were not sent before the process ended \(ECONNREFUSED\)\.\n$/,
  );
});
