import { Trubrics } from '@trubrics/trubrics';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDelivery } from '../../../src/delivery/create-delivery.js';
import { fromTrubricsSdk, type TrubricsSdkClient } from '../../../src/destinations/sdk/sdk.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { eventEntry, promptEntries, promptEntry } from '../../support/entries.js';
import { type ScriptedServer, startScriptedServer } from '../../support/scripted-server.js';
import { idsOf } from '../../support/stored-ids.js';

let server: ScriptedServer;
let client: Trubrics;
let interval: ReturnType<typeof setInterval>;
beforeEach(async () => {
  server = await startScriptedServer();
  const setIntervalSpy = vi.spyOn(globalThis, 'setInterval');
  client = new Trubrics({ apiKey: 'key', host: server.url });
  // The SDK starts an interval that it never ends.
  interval = setIntervalSpy.mock.results[0]?.value as ReturnType<typeof setInterval>;
  setIntervalSpy.mockRestore();
});
afterEach(async () => {
  clearInterval(interval);
  await server.close();
});

function recordingClient(): TrubricsSdkClient & { readonly requests: object[] } {
  const requests: object[] = [];
  return { requests, trackLLM: (request) => requests.push(request), flush: async () => {} };
}

describe('fromTrubricsSdk with the official client', () => {
  test('fromTrubricsSdk delivers more prompts and events than the client sends in one flush', async () => {
    const delivery = createDelivery(fromTrubricsSdk(client));
    for (const entry of promptEntries(250)) delivery.accept(entry);
    delivery.accept(eventEntry('event'));
    await delivery.flush();
    expect(new Set(idsOf(server.stored)).size).toBe(251);
    expect(server.stored).toHaveLength(251);
    expect(delivery.stats()).toMatchObject({ delivered: 251 });
    await delivery.shutdown();
  });

  test('fromTrubricsSdk delivers an empty text and a fractional latency, which the client alone loses', async () => {
    const complaints = vi.spyOn(console, 'error');
    const delivery = createDelivery(fromTrubricsSdk(client));
    delivery.accept(
      promptEntry('a', { prompt: '', generation: '', latency: 0.4, threadId: 'thread', tags: ['x'] }),
    );
    await delivery.flush();
    expect(complaints).not.toHaveBeenCalled();
    expect(server.stored[0]).toMatchObject({
      prompt: '(no text)',
      generation: '(no text)',
      latency: 0,
      thread_id: 'thread',
      timestamp: '2026-11-22T10:00:00.000Z',
      properties: { latency: 0.4, tags: ['x'], $thread_id: 'thread', $event_id: 'a' },
    });
    complaints.mockRestore();
  });

  test('fromTrubricsSdk sends every field that trubricsIngestion sends, with the same value', async () => {
    const entry = promptEntry('a', { latency: 2, threadId: 'thread' });
    for (const destination of [
      fromTrubricsSdk(client),
      trubricsIngestion({ host: server.url, apiKey: 'key' }),
    ]) {
      const delivery = createDelivery(destination);
      delivery.accept(entry);
      await delivery.shutdown();
    }
    const [sdk, own] = server.requests;
    const { properties, ...fields } = sdk?.items[0] ?? {};
    expect(own?.items[0]).toMatchObject(fields);
    expect(properties).toEqual({ latency: 2, ...(own?.items[0]?.['properties'] as object) });
    expect(own?.path).toBe(sdk?.path);
    expect(own?.headers['x-api-key']).toBe(sdk?.headers['x-api-key']);
  });
});

describe('fromTrubricsSdk with any client', () => {
  test('fromTrubricsSdk passes the client a new object in each call', async () => {
    const client = recordingClient();
    const entry = promptEntry('a', { properties: { nested: { deep: 1 } } });
    const delivery = createDelivery(fromTrubricsSdk(client));
    delivery.accept(Object.freeze(entry));
    delivery.accept(entry);
    await delivery.flush();
    expect(client.requests).toHaveLength(2);
    expect(client.requests[0]).not.toBe(client.requests[1]);
    expect(client.requests[0]).toMatchObject({ timestamp: expect.any(Date) as unknown });
  });

  test('fromTrubricsSdk passes nothing twice when a flush takes too long', async () => {
    const client = recordingClient();
    let flushes = 0;
    client.flush = () => (++flushes === 1 ? new Promise(() => {}) : Promise.resolve());
    const delivery = createDelivery(fromTrubricsSdk(client), { requestTimeoutMs: 30 });
    delivery.accept(promptEntry('a'));
    await delivery.flush();
    expect(client.requests).toHaveLength(1);
    expect(delivery.stats().delivered).toBe(1);
  });

  test('fromTrubricsSdk does not count as delivered what the client keeps, nor passes it again', async () => {
    const queue: object[] = [];
    let isBroken = true;
    const client = {
      queue,
      trackLLM: (request: object) => queue.push(request),
      flush: async () => void (isBroken || queue.splice(0)),
    };
    const delivery = createDelivery(fromTrubricsSdk(client));
    delivery.accept(promptEntry('a'));
    await delivery.flush(200);
    expect([queue.length, delivery.stats().delivered]).toEqual([1, 0]);
    isBroken = false;
    await delivery.flush();
    expect([queue.length, delivery.stats().delivered]).toEqual([0, 1]);
    await delivery.shutdown();
  });

  test('fromTrubricsSdk retries when the client throws, and takes no events without track()', async () => {
    const client = recordingClient();
    const trackLLM = client.trackLLM.bind(client);
    let calls = 0;
    client.trackLLM = (request) => {
      if (++calls === 1) throw new Error('broken');
      return trackLLM(request);
    };
    const delivery = createDelivery(fromTrubricsSdk(client));
    delivery.accept(promptEntry('a'));
    delivery.accept(eventEntry('b'));
    await delivery.flush();
    expect(delivery.stats()).toMatchObject({ delivered: 1, dropped: { unsupported: 1 } });
  });

  test.each([undefined, null, {}, { trackLLM() {} }])('fromTrubricsSdk refuses the client %j', (client) => {
    expect(() => fromTrubricsSdk(client as never)).toThrow(
      /^The client given to fromTrubricsSdk must be an instance of Trubrics .*, not a client without .*flush\(\)\./,
    );
  });
});
