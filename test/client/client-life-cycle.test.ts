import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { TrubricsClient, TrubricsSpanProcessor } from '../../src/index.js';
import { bundleScript } from '../support/bundle-script.js';
import { closedPort, type ScriptedServer, startScriptedServer } from '../support/scripted-server.js';
import { makeChatSpan } from '../support/span.js';

const SCRIPT = fileURLToPath(new URL('../delivery/process/exit.ts', import.meta.url));

let bundle: Awaited<ReturnType<typeof bundleScript>>;
let server: ScriptedServer;
beforeAll(async () => {
  bundle = await bundleScript(SCRIPT);
});
afterAll(() => bundle.dispose());
afterEach(async () => {
  vi.unstubAllGlobals();
  await server?.close();
});

/** Runs the script, sends the signals once it has tracked, and says how it ended. */
function run(
  host: string,
  ending: string,
  signals: readonly NodeJS.Signals[],
): Promise<{ code: number | null; signal: string | null; durationMs: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bundle.file, host, ending], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let trackedMs = 0;
    child.stdout.on('data', () => {
      trackedMs = performance.now();
      for (const [index, signal] of signals.entries()) setTimeout(() => child.kill(signal), index * 200);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, durationMs: performance.now() - trackedMs }));
  });
}

describe('A process with flushOnExit', () => {
  test('a process with flushOnExit has sent everything when it falls off its end', async () => {
    server = await startScriptedServer();
    expect(await run(server.url, 'nothing', [])).toMatchObject({ code: 0, signal: null });
    expect(server.stored).toHaveLength(10);
  });

  test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    'a process with flushOnExit has sent everything when %s ends it, and ends by that signal',
    async (signal) => {
      server = await startScriptedServer();
      const end = await run(server.url, 'signal', [signal]);
      expect(end).toMatchObject({ code: null, signal });
      expect(end.durationMs).toBeLessThan(1_500);
      expect(server.stored).toHaveLength(10);
    },
  );

  test('flushOnExit leaves the exit to an application that handles the signal itself', async () => {
    server = await startScriptedServer();
    expect(await run(server.url, 'own-handler', ['SIGTERM'])).toMatchObject({ code: 7, signal: null });
    expect(server.stored).toHaveLength(10);
  });

  test.each(['nothing', 'signal'])(
    'a process with flushOnExit ends in time when the server is down (%s)',
    async (ending) => {
      const host = `http://127.0.0.1:${await closedPort()}`;
      const end = await run(host, ending, ending === 'signal' ? ['SIGTERM'] : []);
      expect(end.durationMs).toBeLessThan(3_000);
      expect(end).toMatchObject(ending === 'signal' ? { signal: 'SIGTERM' } : { code: 0 });
    },
  );

  test('a process with flushOnExit ends at once by a second signal', async () => {
    server = await startScriptedServer(() => 'hang');
    const end = await run(server.url, 'signal', ['SIGINT', 'SIGINT']);
    expect(end).toMatchObject({ signal: 'SIGINT' });
    expect(end.durationMs).toBeLessThan(1_200);
  });
});

describe('waitUntil', () => {
  test('waitUntil gets a promise that resolves when the record is delivered', async () => {
    server = await startScriptedServer();
    const work: Promise<unknown>[] = [];
    const client = new TrubricsClient({ host: server.url, waitUntil: (promise) => work.push(promise) });
    client.trackPrompt({ prompt: 'a', generation: 'b' });
    client.track({ event: 'e' });
    expect(work).toHaveLength(1);
    await work[0];
    expect(server.stored).toHaveLength(2);
    client.trackPrompt({ prompt: 'c', generation: 'd' });
    expect(work).toHaveLength(2);
    await work[1];
    expect(server.stored).toHaveLength(3);
    await client.shutdown();
  });

  test('the promise of waitUntil covers a turn that is still collected', async () => {
    server = await startScriptedServer();
    const work: Promise<unknown>[] = [];
    const processor = new TrubricsSpanProcessor({
      host: server.url,
      granularity: 'turn',
      waitUntil: (promise) => work.push(promise),
    });
    processor.onEnd(makeChatSpan());
    expect(work).toHaveLength(1);
    await work[0];
    expect(server.stored).toHaveLength(1);
    await processor.shutdown();
  });

  test('a waitUntil that throws, as outside a request, does no harm', async () => {
    server = await startScriptedServer();
    const client = new TrubricsClient({
      host: server.url,
      waitUntil: () => {
        throw new Error('no request');
      },
    });
    client.trackPrompt({ prompt: 'a', generation: 'b' });
    await client.shutdown();
    expect(server.stored).toHaveLength(1);
  });
});

describe('A page in a browser', () => {
  test('a page that is left sends all entries, with keepalive requests as far as the limit allows', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    vi.stubGlobal('document', page);
    vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
    vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
    const requests: RequestInit[] = [];
    const fetch = async (_url: unknown, init?: RequestInit): Promise<Response> => {
      requests.push(init ?? {});
      return new Response('{}');
    };
    const client = new TrubricsClient({ host: 'http://127.0.0.1:1', fetch });
    client.trackPrompt({ prompt: 'small', generation: 'b' });
    page.dispatchEvent(new Event('pagehide'));
    // Nothing was awaited: a page that goes gets no other chance.
    expect(requests.map(({ keepalive }) => keepalive)).toEqual([true]);

    await client.flush();
    client.trackPrompt({ prompt: 'x'.repeat(50_000), generation: 'b' });
    Object.assign(page, { visibilityState: 'hidden' });
    page.dispatchEvent(new Event('visibilitychange'));
    expect(requests.map(({ keepalive }) => keepalive)).toEqual([true, undefined]);

    await client.shutdown();
    client.trackPrompt({ prompt: 'late', generation: 'b' });
    page.dispatchEvent(new Event('pagehide'));
    expect(requests).toHaveLength(2);
  });
});
