import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { diag } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Delivery } from '../../src/delivery/delivery.js';
import type { Destination } from '../../src/destinations/destination.js';
import {
  TrubricsClient,
  trubricsIngestion,
  trubricsPlatform,
  TrubricsSpanExporter,
  TrubricsSpanProcessor,
} from '../../src/index.js';
import { fileSpool } from '../../src/node/index.js';
import { captureDiag, type CapturedLine } from '../support/captured-diag.js';
import { promptEntries } from '../support/entries.js';
import { EMAIL, FIREBASE_KEY, startFakePlatform } from '../support/fake-platform.js';
import { removeDirectory } from '../support/remove-directory.js';
import { type Reply, startScriptedServer } from '../support/scripted-server.js';

const KEY = 'key-that-nobody-may-see';
const PASSWORD = 'correct horse';

let dir: string;
let lines: CapturedLine[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'credentials-'));
  lines = captureDiag();
});
afterEach(async () => {
  diag.disable();
  await removeDirectory(dir);
});

/** Whatever somebody might print, or write to a log. */
function shownOf(value: unknown): string {
  return [inspect(value, { depth: 12, showHidden: true }), String(value), JSON.stringify(value)].join('\n');
}

/** Fails while the spool is still tidying up. */
async function filesBelow(root: string): Promise<string> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n') + files.join('\n');
}

/** Delivers until nothing more can be done, and returns everything that it told anybody meanwhile. */
async function everythingTold(destination: Destination): Promise<string> {
  const drops: unknown[] = [];
  const spool = fileSpool({ dir, claimWithinMs: 0 });
  const onDrop = (drop: unknown): void => void drops.push(drop);
  const delivery = new Delivery(destination, { spool, onDrop, requestTimeoutMs: 200 });
  for (const entry of promptEntries(3)) delivery.accept(entry);
  await delivery.flush(400);
  const told = [shownOf(delivery), shownOf(delivery.stats())];
  await delivery.shutdown(200);
  return [...told, shownOf(drops), shownOf(lines), await vi.waitFor(() => filesBelow(dir))].join('\n');
}

describe('The API key', () => {
  it.each([
    ['client', TrubricsClient],
    ['processor', TrubricsSpanProcessor],
    ['exporter', TrubricsSpanExporter],
  ])('is not shown by a %s that is printed', async (_, Door) => {
    const options = {
      apiKey: KEY,
      host: 'http://127.0.0.1:1',
      hashUserId: `${KEY}-salt`,
      flushTimeoutMs: 10,
    };
    const door = new Door(options);
    expect(shownOf(door)).not.toContain(KEY);
    expect(shownOf(door.stats())).not.toContain(KEY);
    await door.shutdown();
  });

  const ECHO = { 'x-api-key': KEY, 'retry-after': '1' };
  it.each<[string, Reply]>([
    ['refused', { status: 401, headers: ECHO, body: `no such key: ${KEY}` }],
    ['out of order', { status: 500, headers: ECHO, body: KEY }],
    ['overloaded', { status: 429, headers: ECHO, body: KEY }],
    [
      'particular',
      {
        status: 422,
        body: JSON.stringify({ detail: [{ loc: ['body', 0, 'a'], type: 'b', msg: KEY, input: KEY }] }),
      },
    ],
    ['particular about all', { status: 400, body: KEY }],
    ['elsewhere', { status: 302, headers: { location: `http://127.0.0.1:1/?key=${KEY}` } }],
    ['gone', { status: 404, body: KEY }],
    ['silent', 'hang'],
    ['rude', 'reset'],
    ['talking nonsense', 'garbage'],
  ])('is told to nobody when the server is %s', async (_, reply) => {
    const server = await startScriptedServer(() => reply);
    const told = await everythingTold(trubricsIngestion({ apiKey: KEY, host: server.url }));
    await server.close();
    expect(server.requests[0]?.headers['x-api-key']).toBe(KEY);
    expect(told).toContain('id-0');
    expect(told).not.toContain(KEY);
  });

  it('is told to nobody when a fetch of the application quotes it', async () => {
    const fetch = (): Promise<never> => Promise.reject(new Error(`request with x-api-key: ${KEY} failed`));
    expect(
      await everythingTold(trubricsIngestion({ apiKey: KEY, host: 'http://127.0.0.1:1', fetch })),
    ).not.toContain(KEY);
  });
});

describe('The account of the first platform', () => {
  it.each([
    ['works', {}],
    ['has another password', { password: `${PASSWORD}!` }],
    ['asks for another project', { project: 'mine' }],
    ['has another web key', { firebaseApiKey: `${FIREBASE_KEY}!` }],
  ])('is told to nobody when it %s', async (_, options) => {
    const platform = await startFakePlatform();
    const { endpoints } = platform;
    const destination = trubricsPlatform({
      email: EMAIL,
      password: PASSWORD,
      firebaseApiKey: FIREBASE_KEY,
      endpoints,
      ...options,
    });
    const failure: unknown = await destination.connect().catch((error: unknown) => error);
    const told = (await everythingTold(destination)) + shownOf(failure) + shownOf(destination);
    await platform.close();
    expect(platform.calls.length).toBeGreaterThan(0);
    // The project's names are told, tokens, key and password are not.
    expect(told).not.toMatch(new RegExp(`${PASSWORD}|${FIREBASE_KEY}|token-\\d|refresh-\\d`));
  });

  it('is told to nobody when a fetch of the application quotes its address', async () => {
    const destination = trubricsPlatform({
      email: EMAIL,
      password: PASSWORD,
      firebaseApiKey: FIREBASE_KEY,
      fetch: (url) => Promise.reject(new Error(`request to ${url} failed`)),
    });
    const failure: unknown = await destination.connect().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(shownOf(failure) + (await everythingTold(destination))).not.toContain(FIREBASE_KEY);
  });
});
