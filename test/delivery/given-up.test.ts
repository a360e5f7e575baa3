import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { promptEntry } from '../support/entries.js';
import { runBundled } from '../support/run-bundled.js';
import { useDelivery } from '../support/use-delivery.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

const SCRIPT = fileURLToPath(new URL('process/given-up.ts', import.meta.url));

interface SentItem {
  readonly properties: { readonly $event_id: string };
}

/** A server that answers after `latencyMs`. Returns its address and the ids that it was sent, in order. */
async function useSlowServer(latencyMs: number): Promise<{ host: string; ids: string[] }> {
  const ids: string[] = [];
  const receive = async (request: IncomingMessage): Promise<void> => {
    const items = (await new Response(request).json()) as SentItem[];
    ids.push(...items.map(({ properties }) => properties.$event_id));
  };
  const server = createServer((request, response) => {
    void receive(request);
    setTimeout(() => response.end('{}'), latencyMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ids };
}

describe('a request that a flush gives up', () => {
  test('goes on, is not sent again, and is delivered, however short the flushes are', async () => {
    const { host, ids: received } = await useSlowServer(300);
    const delivery = useDelivery(trubricsIngestion({ host }));
    const ids = Array.from({ length: 12 }, (_, index) => `id-${index}`);
    for (const id of ids) {
      delivery.accept(promptEntry(id));
      await delivery.flush(100);
    }
    await delivery.flush();
    // Each once: none was aborted.
    expect(received.toSorted()).toEqual(ids.toSorted());
    expect(delivery.stats()).toMatchObject({ delivered: 12, queued: 0, inFlight: 0, state: 'sending' });
  });

  test('does not keep the process alive: neither the first nor a later one', async () => {
    const server = await useScriptedServer(() => 'hang');
    const flushMs = 400;
    const run = await runBundled(SCRIPT, [server.url, '3', String(flushMs)]);
    expect(run).toMatchObject({ exitCode: 0 });
    const { aliveMs } = JSON.parse(run.output.trim().split('\n').at(-1) ?? '{}') as { aliveMs: number };
    // Three flushes of that time, and nothing like the 10 seconds of a request.
    expect(aliveMs / flushMs).toBeLessThan(3 + 6);
    expect(server.requests).toHaveLength(3);
  });

  test('is aborted once where the destination cannot let the process end, and then may finish', async () => {
    const signals: AbortSignal[] = [];
    const delivery = createDelivery({
      name: 'own',
      encode: () => '{}',
      send: (_batch, { signal }) => {
        signals.push(signal);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      },
    });
    delivery.accept(promptEntry('a'));
    await delivery.flush(20);
    await delivery.flush(20);
    await delivery.flush(20);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await delivery.shutdown(20);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['returns false', () => false],
  ])('is aborted where the function of the destination %s', async (_name, release) => {
    const signals: AbortSignal[] = [];
    const delivery = createDelivery({
      name: 'own',
      encode: () => '{}',
      send: (_batch, { signal, onRelease }) => {
        onRelease?.(release);
        signals.push(signal);
        return new Promise(() => {});
      },
    });
    delivery.accept(promptEntry('a'));
    await delivery.flush(20);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await delivery.shutdown(20);
  });
});
