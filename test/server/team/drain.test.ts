import { expect, test } from 'vitest';
import { MemoryStore, type RecordStore } from '../../../src/server/index.js';
import { eventually } from '../../support/eventually.js';
import { prompt } from '../../support/server-requests.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { useServer } from '../../support/use-server.js';
import { useTeam } from '../../support/use-team.js';

/** A store whose writes wait until they are let go. */
function gatedStore(): { readonly store: RecordStore; readonly waiting: () => number; open(): void } {
  const memory = new MemoryStore();
  const gates: (() => void)[] = [];
  let isOpen = false;
  const put: RecordStore['put'] = async (...given) => {
    if (!isOpen) await new Promise<void>((resolve) => gates.push(resolve));
    return memory.put(...given);
  };
  return {
    waiting: () => gates.length,
    open() {
      isOpen = true;
      for (const open of gates) open();
    },
    store: new Proxy<RecordStore>(memory, {
      get(target, name) {
        if (name === 'put') return put;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
  };
}

test('what is in flight is answered, new connections are refused, live streams end', async () => {
  const gated = gatedStore();
  const team = await useTeam({ keys: 'shop=k', openStore: () => Promise.resolve(gated.store) });
  await team.ready;
  const page = await team.read('/p/shop/api/live');
  const sent = team.publish('k', [prompt()]);
  await eventually(() => expect(gated.waiting()).toBe(1));
  const draining = team.drain(10_000);
  await expect(page.text()).resolves.toContain('hello');
  await eventually(() => expect(fetch(`${team.url}/healthz`)).rejects.toThrow());
  gated.open();
  expect((await sent).status).toBe(200);
  expect(await draining).toEqual({
    isComplete: true,
    requests: 1,
    aborted: 0,
    streams: 1,
    forwarded: 0,
    notForwarded: 0,
  });
});

test('at the deadline, what still waits is cut off and counted', async () => {
  const gated = gatedStore();
  const team = await useTeam({ keys: 'shop=k', openStore: () => Promise.resolve(gated.store) });
  await team.ready;
  const outcome = team.publish('k', [prompt()]).then(
    () => 'answered',
    () => 'cut off',
  );
  await eventually(() => expect(gated.waiting()).toBe(1));
  expect(await team.drain(50)).toMatchObject({ isComplete: false, requests: 1, aborted: 1 });
  expect(await outcome).toBe('cut off');
});

test('a gateway keeps nothing, forwards everything, and flushes it when it ends', async () => {
  const behind = await useServer();
  const team = await useTeam({
    keys: 'shop=k',
    openStore: 'gateway',
    forwardTo: () => ({ host: behind.ingestionUrl }),
  });
  await team.ready;
  for (const path of ['/', '/p/shop/', '/api/records', '/p/shop/api/records', '/api/live'])
    expect([path, (await team.read(path)).status]).toEqual([path, 404]);
  for (let i = 0; i < 3; i++)
    expect((await team.publish('k', [prompt({ prompt: `number ${i}` })])).status).toBe(200);
  expect(await team.drain(10_000)).toMatchObject({ isComplete: true, forwarded: 3, notForwarded: 0 });
  expect(behind.records().map((record) => record.kind === 'prompt' && record.prompt)).toEqual([
    'number 0',
    'number 1',
    'number 2',
  ]);
});

test('a gateway whose queue is full answers 503, and loses nothing that it has taken', async () => {
  const down = await useScriptedServer(() => ({ status: 503 }));
  const team = await useTeam({
    keys: 'shop=k',
    openStore: 'gateway',
    forwardTo: () => ({ host: down.url, apiKey: 'x' }),
  });
  await team.ready;
  const hundred = Array.from({ length: 100 }, () => prompt());
  let taken = 0;
  let last: Response | undefined;
  for (let i = 0; i < 100; i++) {
    last = await team.publish('k', hundred);
    if (last.status !== 200) break;
    taken += 100;
  }
  expect([last?.status, last?.headers.get('retry-after')]).toEqual([503, '5']);
  expect(taken).toBe(8000);
  const metrics = await (await fetch(`${team.url}/metrics`)).text();
  expect(metrics).toContain('trubrics_forwarding_queued_records{project="shop"} 8000\n');
  expect(metrics).not.toContain('trubrics_forwarding_dropped_records_total{');
  expect(await team.drain(100)).toMatchObject({ forwarded: 0, notForwarded: 8000 });
});

test('a gateway counts bytes as well: large records push nothing out', async () => {
  const down = await useScriptedServer(() => ({ status: 503 }));
  const team = await useTeam({
    keys: 'shop=k',
    openStore: 'gateway',
    forwardTo: () => ({ host: down.url, apiKey: 'x' }),
  });
  await team.ready;
  const large = Array.from({ length: 4 }, () => prompt({ prompt: 'x'.repeat(500_000) }));
  const statuses: number[] = [];
  for (let i = 0; i < 20; i++) statuses.push((await team.publish('k', large)).status);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  const metrics = await (await fetch(`${team.url}/metrics`)).text();
  expect(metrics).not.toContain('trubrics_forwarding_dropped_records_total{');
  await team.drain(0);
});

test('each project is forwarded with its own key', async () => {
  const behind = await useScriptedServer(() => ({ status: 200 }));
  const team = await useTeam({
    openStore: 'gateway',
    forwardTo: (project) => ({ host: behind.url, apiKey: `forward-${project}` }),
  });
  await team.ready;
  await team.publish('shop-key', [prompt({ prompt: 'of the shop' })]);
  await team.publish('docs-key', [prompt({ prompt: 'of the docs' })]);
  await team.drain(10_000);
  const sent = behind.requests.map(({ headers, body }) => [headers['x-api-key'], body]);
  expect(sent).toHaveLength(2);
  for (const [key, body] of sent) {
    const isShop = String(body).includes('of the shop');
    expect(key).toBe(isShop ? 'forward-shop' : 'forward-docs');
  }
});
