import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { RecordList, StoredRecord, ThreadList, UserList } from '../../../../src/server/index.js';
import { chdbFolder, useClickHouse } from '../../../support/use-clickhouse.js';
import { randomNumbers } from '../month.js';

const PEOPLE = 7;
const CONVERSATIONS = 20;
const START = Date.parse('2026-11-01T22:00:00Z');

/** A request of a sender: it is repeated until a server has acknowledged it. */
interface Delivery {
  readonly path: string;
  readonly body: unknown;
}

describe.runIf(chdbFolder)('two servers over one ClickHouse', { timeout: 600_000 }, () => {
  const clickhouse = useClickHouse();
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(fileURLToPath(new URL('../../../../node_modules/.two-servers-', import.meta.url)));
    const input = fileURLToPath(new URL('server-process.ts', import.meta.url));
    const bundle = await rolldown({ input, platform: 'node', external: /^[^./]/ });
    await bundle.write({ file: join(folder, 'server.mjs'), format: 'esm', codeSplitting: false });
    await bundle.close();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts a server in a process of its own. */
  async function start(database: string): Promise<{ readonly url: string; kill(): Promise<void> }> {
    const child = spawn(process.execPath, [join(folder, 'server.mjs'), database], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()));
      child.once('close', () => reject(new Error('The server did not start')));
    });
    const kill = (): Promise<void> => {
      child.kill('SIGKILL');
      return ended;
    };
    onTestFinished(kill);
    return { url, kill };
  }

  test('whichever is killed, and however deliveries are repeated and shuffled, each id counts once in every answer', async () => {
    const database = await clickhouse.createDatabase();
    const servers = [await start(database), await start(database)];
    const random = randomNumbers(16);
    const ids = Array.from({ length: 240 }, (_, i) => `event-${i}`);
    const spans = Array.from({ length: 160 }, (_, i) => spanOf(i));
    const spanIds = spans.map(({ traceId, spanId }) => `${traceId}-${spanId}`);
    // Each record two or three times, in batches that mix them differently.
    const deliveries = shuffled(
      [0, 1, 2].flatMap((copy) => [
        ...inBatches(
          shuffled(
            ids.filter((_, i) => copy < 2 || i % 3 === 0),
            random,
          ),
          8,
        ).map(publish),
        ...inBatches(
          shuffled(
            spans.filter((_, i) => copy < 2 || i % 3 === 0),
            random,
          ),
          5,
        ).map(exportSpans),
      ]),
      random,
    );
    let refused = 0;
    let acknowledged = 0;
    const deliver = async (delivery: Delivery): Promise<void> => {
      for (;;) {
        const server = servers[Math.floor(random() * 2)];
        if (server && (await post(server.url, delivery))) break;
        refused++;
        await delay(50);
      }
      acknowledged++;
    };
    // Several senders at a time; after every twelfth acknowledged delivery, one of the servers is killed in the middle of the others.
    let kills = 0;
    const senders = Array.from({ length: 4 }, async () => {
      for (let next = deliveries.pop(); next; next = deliveries.pop()) {
        await deliver(next);
        if (acknowledged % 12 !== 0) continue;
        const victim = kills++ % 2;
        await servers[victim]?.kill();
        servers[victim] = await start(database);
      }
    });
    await Promise.all(senders);
    expect(kills).toBeGreaterThan(4);
    expect(refused).toBeGreaterThan(0);

    const expected = [...ids, ...spanIds].toSorted();
    for (const { url } of servers) {
      expect((await listAll(url, '')).toSorted()).toEqual(expected);
      expect((await listAll(url, '&order=time')).toSorted()).toEqual(expected);
      expect(await exportedIds(url)).toEqual(expected);
      const stats = await getJson<{
        records: number;
        prompts: number;
        users: number;
        threads: number;
        series: { prompts: readonly number[]; outside: number };
      }>(url, '/api/stats');
      expect(stats).toMatchObject({ records: 400, prompts: 400, users: PEOPLE, threads: CONVERSATIONS });
      expect(sum(stats.series.prompts) + stats.series.outside).toBe(400);
      const { users, total } = await getJson<UserList>(url, '/api/users');
      expect([total, sum(users.map(({ prompts }) => prompts))]).toEqual([PEOPLE, 400]);
      const threads = await getJson<ThreadList>(url, '/api/threads');
      expect([threads.total, sum(threads.threads.map(({ prompts }) => prompts))]).toEqual([
        CONVERSATIONS,
        400,
      ]);
    }
  });

  test('a live page learns what the other server took in, also after that one has ended', async () => {
    const database = await clickhouse.createDatabase();
    const [a, b] = [await start(database), await start(database)];
    const response = await fetch(`${a.url}/api/live`);
    const seen = readUntil(response, 'event-7');
    expect(await post(b.url, publish(['event-7']))).toBe(true);
    await b.kill();
    expect(await seen).toContain('event-7');
  });
});

function publish(ids: readonly string[]): Delivery {
  const body = ids.map((id) => {
    const i = Number(id.split('-')[1]);
    return {
      user_id: `user-${i % PEOPLE}`,
      prompt: `question ${i}`,
      generation: `answer ${i}`,
      assistant_id: 'gpt-4o',
      thread_id: `thread-${i % CONVERSATIONS}`,
      timestamp: new Date(START + i * 60_000).toISOString(),
      latency: 1,
      properties: { $event_id: id },
    };
  });
  return { path: '/api/ingestion/publish_llm_events', body };
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly i: number;
}

/** Four calls to a trace. */
function spanOf(i: number): Span {
  const traceId = (Math.floor(i / 4) + 1).toString(16).padStart(32, 'a');
  return { traceId, spanId: (i + 1).toString(16).padStart(16, 'b'), i };
}

function exportSpans(spans: readonly Span[]): Delivery {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const message = (role: string, content: string) =>
    JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  const all = spans.map(({ traceId, spanId, i }) => ({
    traceId,
    spanId,
    name: 'chat gpt-4o',
    kind: 3,
    startTimeUnixNano: String(BigInt(START + i * 60_000) * 1_000_000n),
    endTimeUnixNano: String(BigInt(START + i * 60_000 + 1000) * 1_000_000n),
    attributes: [
      text('gen_ai.operation.name', 'chat'),
      text('gen_ai.request.model', 'gpt-4o'),
      text('user.id', `user-${i % PEOPLE}`),
      text('session.id', `thread-${i % CONVERSATIONS}`),
      text('gen_ai.input.messages', message('user', `question ${i}`)),
      text('gen_ai.output.messages', message('assistant', `answer ${i}`)),
    ],
  }));
  return { path: '/v1/traces', body: { resourceSpans: [{ scopeSpans: [{ spans: all }] }] } };
}

/** Returns true if the server has acknowledged the delivery. */
async function post(url: string, { path, body }: Delivery): Promise<boolean> {
  const headers = { 'content-type': 'application/json', 'x-api-key': 'test' };
  try {
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    await response.text();
    return response.ok;
  } catch {
    return false;
  }
}

async function getJson<T>(url: string, path: string): Promise<T> {
  const response = await fetch(url + path);
  return (await response.json()) as T;
}

/** Reads all pages of a list. */
async function listAll(url: string, order: string): Promise<string[]> {
  const ids: string[] = [];
  let before = '';
  for (;;) {
    const page = await getJson<RecordList>(url, `/api/records?limit=70${order}${before}`);
    expect(page.total).toBe(400);
    ids.push(...page.records.map(({ id }) => id));
    if (page.before === null) return ids;
    before = `&before=${encodeURIComponent(page.before)}`;
  }
}

async function exportedIds(url: string): Promise<string[]> {
  const text = await (await fetch(`${url}/api/export`)).text();
  return text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as StoredRecord).id)
    .toSorted();
}

async function readUntil(response: Response, text: string): Promise<string> {
  const decoder = new TextDecoder();
  let read = '';
  for await (const chunk of response.body ?? []) {
    read += decoder.decode(chunk as Uint8Array, { stream: true });
    if (read.includes(text)) break;
  }
  return read;
}

function inBatches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
