import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Trubrics } from '@trubrics/trubrics';
import { expect, onTestFinished, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { Destination } from '../../src/destinations/destination.js';
import { trubricsIngestion, trubricsPlatform } from '../../src/index.js';
import { fromTrubricsSdk } from '../../src/destinations/sdk/sdk.js';
import { fileSpool, jsonlFile, type FileSpoolOptions } from '../../src/node/index.js';
import { directoryNameOf } from '../../src/node/spool/directory-name.js';
import { promptEntries } from '../support/entries.js';
import { OK, type ScriptedServer } from '../support/scripted-server.js';
import { idsOf } from '../support/stored-ids.js';
import { useDiag } from '../support/use-diag.js';
import { useFolder } from '../support/use-folder.js';
import { useScriptedServer } from '../support/use-scripted-server.js';
import { eventually } from '../support/eventually.js';

const HOST = 'http://127.0.0.1:1';
const LONG = 'x'.repeat(200);

/** Pairs of destinations whose entries must not mix. */
const DIFFERENT: readonly (readonly [string, Destination, Destination])[] = [
  ['keys', ingestion({ apiKey: 'a' }), ingestion({ apiKey: 'b' })],
  ['keys that differ in case', ingestion({ apiKey: 'key' }), ingestion({ apiKey: 'KEY' })],
  ['hosts', ingestion({}), ingestion({ host: 'http://127.0.0.1:2' })],
  ['paths of a host', ingestion({ host: `${HOST}/a` }), ingestion({ host: `${HOST}/b` })],
  ['projects', ingestion({ project: 'a' }), ingestion({ project: 'b' })],
  ['projects in other scripts', ingestion({ project: '東京' }), ingestion({ project: '大阪' })],
  ['projects that differ in case', ingestion({ project: 'Shop' }), ingestion({ project: 'shop' })],
  ['projects that differ in punctuation', ingestion({ project: 'a b' }), ingestion({ project: 'a/b' })],
  ['projects that differ at the end', ingestion({ project: `${LONG}1` }), ingestion({ project: `${LONG}2` })],
  ['accounts of the first platform', platform('a@b.c'), platform('A@b.c')],
  ['clients of the SDK', sdk('a'), sdk('b')],
  ['files', jsonlFile({ path: '/tmp/a' }), jsonlFile({ path: '/tmp/b' })],
];

function ingestion(options: object): Destination {
  return trubricsIngestion({ host: HOST, apiKey: 'key', ...options });
}

function platform(email: string): Destination {
  return trubricsPlatform({ email, password: 'p', firebaseApiKey: 'k', project: 'shop' });
}

function sdk(apiKey: string): Destination {
  const client = new Trubrics({ apiKey, host: HOST, flushInterval: 3_600, isVerbose: false });
  return fromTrubricsSdk(client);
}

function open(destination: Destination, dir: string, options: Partial<FileSpoolOptions> = {}): Delivery {
  const spool = fileSpool({ dir, claimWithinMs: 0, ...options });
  const delivery = createDelivery(destination, { spool, flushAt: 1 });
  onTestFinished(() => delivery.shutdown(100));
  return delivery;
}

/** Leaves ten entries of a key in a spool, and returns the name of their directory. */
async function leave(server: ScriptedServer, dir: string, options: object): Promise<string> {
  server.follow(() => ({ status: 503 }));
  const destination = trubricsIngestion({ host: server.url, ...options });
  const delivery = open(destination, dir);
  for (const entry of promptEntries(10)) delivery.accept(entry);
  await eventually(() => expect(delivery.stats().spooled).toBe(10));
  await delivery.shutdown(5_000);
  server.follow(() => OK);
  return directoryNameOf(destination);
}

test.each(DIFFERENT)('a spool keeps different %s apart, also where case does not count', (_, a, b) => {
  const [first, second] = [directoryNameOf(a), directoryNameOf(b)];
  expect(first).not.toBe(second);
  for (const name of [first, second]) expect(name).toMatch(/^[a-z0-9-]{35,80}$/);
});

test('a spool finds the directory of a destination again in another process', () => {
  for (const [, a] of DIFFERENT) expect(directoryNameOf({ ...a })).toBe(directoryNameOf(a));
  expect(directoryNameOf(ingestion({ project: 'Shop 1' }))).toMatch(/^trubrics-shop-1-/);
});

test('entries of one key are not sent with another, and go out with their own', async () => {
  const server = await useScriptedServer();
  const dir = await useFolder();
  await leave(server, dir, { apiKey: 'key-a', project: '東京' });
  const others = [
    { apiKey: 'key-b', project: '東京' },
    { apiKey: 'key-a', project: '大阪' },
  ].map((options) => open(trubricsIngestion({ host: server.url, ...options }), dir));
  const own = open(trubricsIngestion({ host: server.url, apiKey: 'key-a', project: '東京' }), dir);
  await eventually(() => expect(own.stats().delivered).toBe(10));
  expect(others.map((delivery) => delivery.stats().accepted)).toEqual([0, 0]);
  const keys = server.requests
    .filter(({ items }) => items.length > 0)
    .map(({ headers }) => headers['x-api-key']);
  expect(new Set(keys)).toEqual(new Set(['key-a']));
});

test('two deliveries of one key in a process share their directory', async () => {
  const server = await useScriptedServer();
  const dir = await useFolder();
  await leave(server, dir, { apiKey: 'key-a' });
  const spool = fileSpool({ dir, claimWithinMs: 0 });
  const destinations = [1, 2].map(() => trubricsIngestion({ host: server.url, apiKey: 'key-a' }));
  const deliveries = destinations.map((destination) => createDelivery(destination, { spool, flushAt: 1 }));
  await eventually(() => expect(deliveries.reduce((sum, each) => sum + each.stats().delivered, 0)).toBe(10));
  for (const delivery of deliveries) await delivery.shutdown();
  expect(await readdir(dir)).toHaveLength(1);
});

test('a new key takes over what the old one left when claimFrom names it, and says so', async () => {
  const server = await useScriptedServer();
  const dir = await useFolder();
  const old = await leave(server, dir, { apiKey: 'old-key' });
  const lines = useDiag();
  const heir = open(trubricsIngestion({ host: server.url, apiKey: 'new-key' }), dir, { claimFrom: [old] });
  await eventually(() => expect(heir.stats()).toMatchObject({ accepted: 10, delivered: 10 }));
  expect(idsOf(server.stored)).toHaveLength(10);
  expect(server.requests.at(-1)?.headers['x-api-key']).toBe('new-key');
  const told = lines.filter(({ level, text }) => level === 'warn' && text.includes('takes over 10 entries'));
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toContain(old);
  expect(JSON.stringify(lines)).not.toMatch(/old-key|new-key/);
});

test('claimFrom takes nothing from another project or host', async () => {
  const server = await useScriptedServer();
  const dir = await useFolder();
  const claimFrom = [await leave(server, dir, { apiKey: 'old-key', project: 'a' })];
  const others = [
    trubricsIngestion({ host: server.url, apiKey: 'new-key', project: 'b' }),
    trubricsIngestion({ host: `${server.url}/other`, apiKey: 'new-key', project: 'a' }),
  ].map((destination) => open(destination, dir, { claimFrom }));
  const heir = open(trubricsIngestion({ host: server.url, apiKey: 'new-key', project: 'a' }), dir, {
    claimFrom,
  });
  await eventually(() => expect(heir.stats().delivered).toBe(10));
  expect(others.map((delivery) => delivery.stats().accepted)).toEqual([0, 0]);
});

test('a spool names the directory that an old key left, and how to have it sent', async () => {
  const server = await useScriptedServer();
  const dir = await useFolder();
  const old = await leave(server, dir, { apiKey: 'old-key' });
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of await readdir(join(dir, old))) await utimes(join(dir, old, name), longAgo, longAgo);
  const lines = useDiag();
  const delivery = open(trubricsIngestion({ host: server.url, apiKey: 'new-key' }), dir);
  open(trubricsIngestion({ host: server.url, apiKey: 'new-key', project: 'other' }), dir);
  await eventually(() =>
    expect(lines.filter(({ text }) => text.includes(`claimFrom: ['${old}']`))).toHaveLength(1),
  );
  expect(delivery.stats().accepted).toBe(0);
});
