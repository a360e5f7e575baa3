import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
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
  it('has sent everything when it falls off its end', async () => {
    server = await startScriptedServer();
    expect(await run(server.url, 'nothing', [])).toMatchObject({ code: 0, signal: null });
    expect(server.stored).toHaveLength(10);
  });

  it.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
    'has sent everything when %s ends it, and ends by it',
    async (signal) => {
      server = await startScriptedServer();
      const end = await run(server.url, 'signal', [signal]);
      expect(end).toMatchObject({ code: null, signal });
      expect(end.durationMs).toBeLessThan(1_500);
      expect(server.stored).toHaveLength(10);
    },
  );

  it('leaves the end to an application that handles the signal itself', async () => {
    server = await startScriptedServer();
    expect(await run(server.url, 'own-handler', ['SIGTERM'])).toMatchObject({ code: 7, signal: null });
    expect(server.stored).toHaveLength(10);
  });

  it.each(['nothing', 'signal'])('ends in time when the server is down (%s)', async (ending) => {
    const host = `http://127.0.0.1:${await closedPort()}`;
    const end = await run(host, ending, ending === 'signal' ? ['SIGTERM'] : []);
    expect(end.durationMs).toBeLessThan(3_000);
    expect(end).toMatchObject(ending === 'signal' ? { signal: 'SIGTERM' } : { code: 0 });
  });

  it('ends at once by a second signal', async () => {
    server = await startScriptedServer(() => 'hang');
    const end = await run(server.url, 'signal', ['SIGINT', 'SIGINT']);
    expect(end).toMatchObject({ signal: 'SIGINT' });
    expect(end.durationMs).toBeLessThan(1_200);
  });
});

describe('waitUntil', () => {
  it('gets a promise for what was recorded, which resolves when it is delivered', async () => {
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

  it('covers a turn that is still held', async () => {
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

  it('does no harm when it throws, as it does outside a request', async () => {
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
  it('sends what waits when it is left, with requests that outlive it as far as there is room', async () => {
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
