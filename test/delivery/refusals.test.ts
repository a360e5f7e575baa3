import { describe, expect, test, onTestFinished } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { promptEntries, promptEntry } from '../support/entries.js';
import {
  OK,
  type Script,
  type ScriptedRequest,
  type ScriptedServer,
  startScriptedServer,
} from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

async function deliverTo(
  script: Script,
  settings: Partial<DeliverySettings> = {},
): Promise<{ server: ScriptedServer; delivery: Delivery }> {
  const server = await useScriptedServer(script);
  const delivery = createDelivery(trubricsIngestion({ host: server.url }), settings);
  onTestFinished(() => delivery.shutdown(100));
  return { server, delivery };
}

function isBad(item: Record<string, unknown>): boolean {
  return item['prompt'] === 'bad';
}

function refuse(indexes: readonly number[]) {
  const detail = indexes.map((index) => ({
    loc: ['body', index, 'prompt'],
    msg: 'no "bad" prompts',
    type: 'value_error',
  }));
  return { status: 422, body: JSON.stringify({ detail }) };
}

function indexesOfBad({ items }: ScriptedRequest): number[] {
  return [...items.keys()].filter((index) => isBad(items[index] as Record<string, unknown>));
}

describe('Delivery to a server that refuses some records', () => {
  test('the records that a 422 names are dropped, and the others delivered at once', async () => {
    const { server, delivery } = await deliverTo((request) => {
      const bad = indexesOfBad(request);
      return bad.length > 0 ? refuse(bad) : OK;
    });
    const settlements = new Map<string, Settlement>();
    for (let index = 0; index < 50; index++) {
      const id = `id-${index}`;
      delivery.accept(promptEntry(id, index % 20 === 7 ? { prompt: 'bad' } : {}), (settlement) =>
        settlements.set(id, settlement),
      );
    }
    await delivery.flush();
    expect(server.requests).toHaveLength(2);
    expect(idsOf(server.stored)).toHaveLength(47);
    expect(settlements.get('id-27')).toEqual({ status: 'dropped', reason: 'invalid' });
    expect(settlements.get('id-28')).toEqual({ status: 'delivered' });
    expect(delivery.stats()).toMatchObject({ delivered: 47, dropped: { invalid: 3 } });
  });

  test.each([422, 400])(
    'one bad record in 100 is found with at most 15 requests when a %i names none',
    async (status) => {
      const { server, delivery } = await deliverTo((request) =>
        indexesOfBad(request).length > 0 ? { status } : OK,
      );
      for (const entry of promptEntries(60)) delivery.accept(entry);
      delivery.accept(promptEntry('bad', { prompt: 'bad' }));
      for (const entry of promptEntries(39, 'more-')) delivery.accept(entry);
      await delivery.flush();
      expect(server.requests.length).toBeLessThanOrEqual(15);
      expect(new Set(idsOf(server.stored)).size).toBe(99);
      expect(server.stored).toHaveLength(99);
      expect(delivery.stats()).toMatchObject({ delivered: 99, dropped: { invalid: 1 } });
    },
  );

  test('a 413 splits the batch, and no such large batch is sent again', async () => {
    const limit = 20_000;
    const { server, delivery } = await deliverTo(({ body }) => (body.length > limit ? { status: 413 } : OK));
    for (let index = 0; index < 40; index++)
      delivery.accept(promptEntry(`id-${index}`, { prompt: 'x'.repeat(1_000) }));
    await delivery.flush();
    expect(idsOf(server.stored).sort()).toEqual(
      promptEntries(40)
        .map((_, index) => `id-${index}`)
        .sort(),
    );
    const before = server.requests.length;
    for (let index = 0; index < 40; index++)
      delivery.accept(promptEntry(`more-${index}`, { prompt: 'x'.repeat(1_000) }));
    await delivery.flush();
    expect(server.requests.slice(before).every(({ body }) => body.length <= limit)).toBe(true);
    expect(delivery.stats()).toMatchObject({ delivered: 80 });
  });

  test('a single record that is too large for the server is dropped, and the others delivered', async () => {
    const { server, delivery } = await deliverTo(({ body }) => (body.length > 5_000 ? { status: 413 } : OK));
    delivery.accept(promptEntry('small-1'));
    delivery.accept(promptEntry('large', { prompt: 'x'.repeat(6_000) }));
    delivery.accept(promptEntry('small-2'));
    await delivery.flush();
    expect(idsOf(server.stored).sort()).toEqual(['small-1', 'small-2']);
    expect(delivery.stats().dropped.too_large).toBe(1);
  });

  test('every request stays within 900 kB', async () => {
    const { server, delivery } = await deliverTo(() => OK);
    for (let index = 0; index < 30; index++)
      delivery.accept(promptEntry(`id-${index}`, { generation: 'ü'.repeat(50_000) }));
    await delivery.flush();
    expect(server.requests.length).toBeGreaterThan(3);
    for (const { body } of server.requests) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(900_000);
    expect(delivery.stats().delivered).toBe(30);
  });

  test('a record that no request can hold is dropped without a request', async () => {
    const { server, delivery } = await deliverTo(() => OK);
    const settled = new Promise((resolve) => {
      delivery.accept(promptEntry('huge', { generation: 'x'.repeat(900_000) }), resolve);
    });
    expect(await settled).toEqual({ status: 'dropped', reason: 'too_large' });
    expect(server.requests).toHaveLength(0);
  });

  test.each([301, 302, 307, 308])(
    'a %i is not followed, because it would send the key elsewhere',
    async (status) => {
      const elsewhere = await startScriptedServer();
      onTestFinished(() => elsewhere.close());
      const { delivery } = await deliverTo(() => ({
        status,
        headers: { location: `${elsewhere.url}/steal` },
      }));
      delivery.accept(promptEntry('a'));
      await delivery.flush();
      expect(elsewhere.requests).toHaveLength(0);
      expect(delivery.stats().dropped.redirect).toBe(1);
    },
  );

  test('entries with a status that no retry helps are dropped', async () => {
    const { server, delivery } = await deliverTo(() => ({ status: 404 }));
    for (const entry of promptEntries(5)) delivery.accept(entry);
    await delivery.flush();
    expect(server.requests).toHaveLength(1);
    expect(delivery.stats()).toMatchObject({
      dropped: { http_error: 5 },
      lastError: expect.stringMatching(/^HTTP 404: no ingestion API at http/),
    });
  });

  test.each(['text/html', 'text/html; charset=utf-8', ' TEXT/HTML;charset=x', 'application/xhtml+xml'])(
    'a web page of the type %j is no proof of a delivery',
    async (type) => {
      const page = {
        status: 200,
        headers: { 'content-type': type },
        body: '<!doctype html><title>Hi</title>',
      };
      const { delivery } = await deliverTo(() => page);
      delivery.accept(promptEntry('a'));
      await delivery.flush();
      expect(delivery.stats()).toMatchObject({
        delivered: 0,
        dropped: { http_error: 1 },
        lastError: expect.stringMatching(/^HTTP 200 with a web page: no ingestion API at http/),
      });
    },
  );

  test.each(['application/json', 'text/plain', ''])(
    'an answer of the type %j is a delivery',
    async (type) => {
      const { delivery } = await deliverTo(() => ({
        status: 200,
        headers: { 'content-type': type },
        body: 'ok',
      }));
      delivery.accept(promptEntry('a'));
      await delivery.flush();
      expect(delivery.stats()).toMatchObject({ delivered: 1 });
    },
  );

  test('the reason of a refusal has its place and type, never content', async () => {
    const secret = 'my secret prompt';
    const detail = [
      { loc: ['body', 0, 'prompt'], msg: `bad: ${secret}`, type: 'string_type', input: secret },
      { loc: ['body', 0, 'properties', secret], msg: secret, type: 'extra' },
    ];
    const { delivery } = await deliverTo(() => ({ status: 422, body: JSON.stringify({ detail }) }));
    delivery.accept(promptEntry('a', { prompt: secret }));
    await delivery.flush();
    expect(delivery.stats().lastError).toBe('HTTP 422: prompt string_type, extra');
  });
});
