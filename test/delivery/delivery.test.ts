import { describe, expect, test, onTestFinished } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { eventEntry, promptEntries, promptEntry } from '../support/entries.js';
import { inTurn, OK, type ScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

function deliverTo(server: ScriptedServer, settings: Partial<DeliverySettings> = {}): Delivery {
  const delivery = createDelivery(trubricsIngestion({ host: server.url }), settings);
  onTestFinished(() => delivery.shutdown(100));
  return delivery;
}

describe('Delivery', () => {
  test('a flush sends accepted prompts and events in separate requests', async () => {
    const server = await useScriptedServer();
    const delivery = deliverTo(server);
    delivery.accept(promptEntry('a'));
    delivery.accept(eventEntry('b'));
    await delivery.flush();
    expect(server.requests.map(({ path }) => path).sort()).toEqual([
      '/publish_events',
      '/publish_llm_events',
    ]);
    expect(idsOf(server.stored).sort()).toEqual(['a', 'b']);
    expect(delivery.stats()).toMatchObject({
      accepted: 2,
      delivered: 2,
      queued: 0,
      inFlight: 0,
      queuedBytes: 0,
    });
  });

  test('a request has at most 100 records', async () => {
    const server = await useScriptedServer();
    const delivery = deliverTo(server);
    for (const entry of promptEntries(250)) delivery.accept(entry);
    await delivery.flush();
    expect(server.requests.map(({ items }) => items.length)).toEqual([100, 100, 50]);
  });

  test('a delivery sends without a flush as soon as flushAt records wait', async () => {
    const server = await useScriptedServer();
    const delivery = deliverTo(server, { flushAt: 3, flushIntervalMs: 60_000 });
    const settled = new Promise<Settlement>((resolve) => {
      for (const entry of promptEntries(3)) delivery.accept(entry, resolve);
    });
    expect(await settled).toEqual({ status: 'delivered' });
    expect(server.requests).toHaveLength(1);
  });

  test('a failed request is retried until the server recovers', async () => {
    const server = await useScriptedServer(inTurn({ status: 503 }, 'reset', OK));
    const delivery = deliverTo(server);
    for (const entry of promptEntries(5)) delivery.accept(entry);
    await delivery.flush();
    expect(server.requests).toHaveLength(3);
    expect(idsOf(server.stored)).toHaveLength(5);
  });
});
