import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, expect, test, vi } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Destination } from '../../src/destinations/destination.js';
import {
  TrubricsClient,
  trubricsIngestion,
  trubricsPlatform,
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
} from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { type CapturedLine, useDiag } from '../support/use-diag.js';
import { promptEntries } from '../support/entries.js';
import { EMAIL, FIREBASE_KEY } from '../support/fake-platform.js';
import type { Reply } from '../support/scripted-server.js';
import { useFakePlatform } from '../support/use-fake-platform.js';
import { useFolder } from '../support/use-folder.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

const KEY = 'key-that-nobody-may-see';
const PASSWORD = 'correct horse';

let dir: string;
let lines: readonly CapturedLine[];
beforeEach(async () => {
  dir = await useFolder();
  lines = useDiag();
});

/** Returns a value as `console.log`, a template and JSON would show it. */
function shownOf(value: unknown): string {
  return [inspect(value, { depth: 12, showHidden: true }), String(value), JSON.stringify(value)].join('\n');
}

/** Returns the names and contents of all files below a folder. Fails if the spool removes one meanwhile. */
async function filesBelow(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n') + files.join('\n');
}

/** Delivers three records and returns everything that the delivery showed: stats, drops, log lines and files. */
async function everythingShown(destination: Destination): Promise<string> {
  const drops: unknown[] = [];
  const spool = fileSpool({ dir, claimWithinMs: 0 });
  const onDrop = (drop: unknown): void => void drops.push(drop);
  const delivery = createDelivery(destination, { spool, onDrop, requestTimeoutMs: 400 });
  for (const entry of promptEntries(3)) delivery.accept(entry);
  await delivery.flush(800);
  const shown = [shownOf(delivery), shownOf(delivery.stats())];
  await delivery.shutdown(200);
  return [...shown, shownOf(drops), shownOf(lines), await vi.waitFor(() => filesBelow(dir))].join('\n');
}

test.each([
  ['client', TrubricsClient],
  ['processor', TrubricsSpanProcessor],
  ['exporter', TrubricsSpanExporter],
])('the API key is not shown by a %s that is printed', async (_, EntryPoint) => {
  const options = {
    apiKey: KEY,
    host: 'http://127.0.0.1:1',
    hashUserId: `${KEY}-salt`,
    flushTimeoutMs: 10,
  };
  const printed = new EntryPoint(options);
  expect(shownOf(printed)).not.toContain(KEY);
  expect(shownOf(printed.stats())).not.toContain(KEY);
  await printed.shutdown();
});

const ECHO = { 'x-api-key': KEY, 'retry-after': '1' };
test.each<[string, Reply]>([
  ['answers 401', { status: 401, headers: ECHO, body: `no such key: ${KEY}` }],
  ['answers 500', { status: 500, headers: ECHO, body: KEY }],
  ['answers 429', { status: 429, headers: ECHO, body: KEY }],
  [
    'answers 422',
    {
      status: 422,
      body: JSON.stringify({ detail: [{ loc: ['body', 0, 'a'], type: 'b', msg: KEY, input: KEY }] }),
    },
  ],
  ['answers 400', { status: 400, body: KEY }],
  ['redirects', { status: 302, headers: { location: `http://127.0.0.1:1/?key=${KEY}` } }],
  ['answers 404', { status: 404, body: KEY }],
  ['never answers', 'hang'],
  ['closes the connection', 'reset'],
  ['does not speak HTTP', 'garbage'],
])('the API key is shown nowhere when the server %s', async (_, reply) => {
  const server = await useScriptedServer(() => reply);
  const shown = await everythingShown(trubricsIngestion({ apiKey: KEY, host: server.url }));
  expect(server.requests[0]?.headers['x-api-key']).toBe(KEY);
  expect(shown).toContain('id-0');
  expect(shown).not.toContain(KEY);
});

test('the API key is shown nowhere when a fetch of the application quotes it', async () => {
  const fetch = (): Promise<never> => Promise.reject(new Error(`request with x-api-key: ${KEY} failed`));
  expect(
    await everythingShown(trubricsIngestion({ apiKey: KEY, host: 'http://127.0.0.1:1', fetch })),
  ).not.toContain(KEY);
});

test.each([
  ['is right', {}],
  ['has another password', { password: `${PASSWORD}!` }],
  ['asks for another project', { project: 'mine' }],
  ['has another web key', { firebaseApiKey: `${FIREBASE_KEY}!` }],
])(
  'password, web key and tokens of the platform are shown nowhere when the account %s',
  async (_, options) => {
    const platform = await useFakePlatform();
    const { endpoints } = platform;
    const destination = trubricsPlatform({
      email: EMAIL,
      password: PASSWORD,
      firebaseApiKey: FIREBASE_KEY,
      endpoints,
      ...options,
    });
    const failure: unknown = await destination.connect().catch((error: unknown) => error);
    const shown = (await everythingShown(destination)) + shownOf(failure) + shownOf(destination);
    expect(platform.calls.length).toBeGreaterThan(0);
    // Names of projects may be shown; tokens, key and password may not.
    expect(shown).not.toMatch(new RegExp(`${PASSWORD}|${FIREBASE_KEY}|token-\\d|refresh-\\d`));
  },
);

test('the web key of the platform is shown nowhere when a fetch of the application quotes the address', async () => {
  const destination = trubricsPlatform({
    email: EMAIL,
    password: PASSWORD,
    firebaseApiKey: FIREBASE_KEY,
    fetch: (url) => Promise.reject(new Error(`request to ${url} failed`)),
  });
  const failure: unknown = await destination.connect().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(shownOf(failure) + (await everythingShown(destination))).not.toContain(FIREBASE_KEY);
});
