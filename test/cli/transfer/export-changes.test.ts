import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { exportCommand } from '../../../src/cli/transfer/export-command.js';
import { readExportOptions } from '../../../src/cli/transfer/export-options.js';
import { MemoryStore, type RunningServer } from '../../../src/server/index.js';
import { getJson, post, prompt } from '../../support/server-requests.js';
import { useFolder } from '../../support/use-folder.js';
import { useServer } from '../../support/use-server.js';

type Line = {
  readonly id?: string;
  readonly removed?: readonly string[];
  readonly reset?: true;
  readonly prompt?: string;
};

interface Exports {
  readonly cursorFile: string;
  /** Runs the export to a new file, and returns its lines. */
  run(server: Pick<RunningServer, 'url'>, ...args: readonly string[]): Promise<readonly Line[]>;
  /** The lines that the latest run has written to the standard error. */
  said(): string;
}

async function useExports(): Promise<Exports> {
  const folder = await useFolder();
  const cursorFile = join(folder, 'cursor.json');
  let [runs, said] = [0, ''];
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  onTestFinished(() => {
    spy.mockRestore();
    process.exitCode = 0;
  });
  return {
    cursorFile,
    said: () => said,
    async run({ url }, ...args) {
      said = '';
      process.exitCode = 0;
      const output = join(folder, `${runs++}.jsonl`);
      await exportCommand(['--from', url, '--cursor-file', cursorFile, '-o', output, ...args]);
      if (!existsSync(output)) return [];
      const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as Line);
    },
  };
}

function record(id: string, text = 'question'): object {
  return prompt({ user_id: id, prompt: text, properties: { $event_id: id } });
}

test('each export has what has changed since the one before, also what was replaced and deleted', async () => {
  const server = await useServer();
  const exports = await useExports();
  await post(server, [record('a'), record('b'), record('c')]);
  expect((await exports.run(server)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  expect(exports.said()).toMatch(/^Exported all 3 records of http/);
  expect(statSync(exports.cursorFile).mode & 0o777).toBe(0o600);
  expect(await exports.run(server)).toEqual([]);
  await post(server, [record('b', 'another question'), record('d')]);
  await fetch(`${server.url}/api/records/a`, { method: 'DELETE' });
  expect(await exports.run(server)).toMatchObject([
    { removed: ['a'] },
    { id: 'b', prompt: 'another question' },
    { id: 'd' },
  ]);
  expect(exports.said()).toMatch(/^Exported 2 changed and 1 removed records of /);
  expect(await exports.run(server)).toEqual([]);
});

test('many changes are written page by page, each once', async () => {
  const server = await useServer();
  const exports = await useExports();
  await post(server, [record('first')]);
  await exports.run(server);
  for (let from = 0; from < 2500; from += 100)
    await post(
      server,
      Array.from({ length: 100 }, (_, index) => record(`r${from + index}`)),
    );
  const ids = (await exports.run(server)).map(({ id }) => id);
  expect([ids.length, new Set(ids).size]).toEqual([2500, 2500]);
});

test('after a restart, and after everything was deleted, all records come after a line that says so', async () => {
  const file = join(await useFolder(), 'records.jsonl');
  const exports = await useExports();
  const first = await useServer({ file });
  await post(first, [record('a'), record('b')]);
  await exports.run(first);
  const { port } = first;
  await first.close();
  const second = await useServer({ file, port });
  await post(second, [record('c')]);
  expect(await exports.run(second)).toMatchObject([{ reset: true }, { id: 'a' }, { id: 'b' }, { id: 'c' }]);
  await fetch(`${second.url}/api/records`, { method: 'DELETE' });
  await post(second, [record('d')]);
  expect(await exports.run(second)).toMatchObject([{ reset: true }, { id: 'd' }]);
  await post(second, [record('e')]);
  expect(await exports.run(second)).toMatchObject([{ id: 'e' }]);
});

test('filters choose what is written, and the file of another export is refused', async () => {
  const server = await useServer();
  const exports = await useExports();
  await post(server, [record('a'), record('b')]);
  expect(await exports.run(server, '--user', 'a')).toMatchObject([{ id: 'a' }]);
  await post(server, [record('b', 'again'), record('a', 'again')]);
  expect(await exports.run(server, '--user', 'a')).toMatchObject([{ id: 'a', prompt: 'again' }]);
  await exports.run(server);
  expect([process.exitCode, exports.said()]).toEqual([
    2,
    expect.stringContaining('with other filters: name another --cursor-file'),
  ]);
});

test('a failed export leaves the cursor, so that the next one tells the same changes', async () => {
  const exports = await useExports();
  const store = new MemoryStore();
  const server = await useServer({ store });
  await post(server, [record('a')]);
  await exports.run(server);
  const before = readFileSync(exports.cursorFile, 'utf8');
  await post(server, [record('b')]);
  const failing = vi.spyOn(store, 'changePage').mockRejectedValue(new Error('broken'));
  await exports.run(server, '--give-up-after', '0s');
  expect([process.exitCode, readFileSync(exports.cursorFile, 'utf8')]).toEqual([4, before]);
  failing.mockRestore();
  expect(await exports.run(server)).toMatchObject([{ id: 'b' }]);
});

test('exports of changes are noted in the audit log, those without a change are not', async () => {
  const server = await useServer();
  const exports = await useExports();
  await post(server, [record('a')]);
  await exports.run(server);
  await exports.run(server);
  await post(server, [record('b')]);
  await exports.run(server);
  const { entries } = await getJson<{ entries: readonly { exported?: number; outcome: string }[] }>(
    server,
    '/api/audit',
  );
  const done = entries.filter(({ outcome }) => outcome === 'done');
  expect(done).toHaveLength(2);
});

test.each([
  [['--cursor-file', ''], /must not be empty/],
  [['--cursor-file', 'c', '--format', 'csv'], /needs --format jsonl/],
] as const)('the mistake %j is one line', (args, message) => {
  expect(() => readExportOptions(args, {})).toThrow(message);
});

test('the API tells the cursor, refuses a wrong one, and names the changes', async () => {
  const server = await useServer();
  const { cursor } = await getJson<{ cursor: string }>(server, '/api/changes');
  await post(server, [record('a'), record('b')]);
  const { length } = cursor;
  expect(length).toBeGreaterThan(0);
  expect(await getJson(server, `/api/changes?cursor=${encodeURIComponent(cursor)}&limit=1`)).toMatchObject({
    records: [{ id: 'a' }],
    hasMore: true,
    isComplete: true,
  });
  // A cursor is one of its filters.
  expect(
    await getJson(server, `/api/changes?cursor=${encodeURIComponent(cursor)}&limit=1&since=1h`),
  ).toMatchObject({ records: [], isComplete: false });
  expect((await fetch(`${server.url}/api/changes?cursor=nonsense`)).status).toBe(400);
});

const put = (server: Pick<RunningServer, 'url'>, name: string, value: unknown): Promise<Response> =>
  fetch(`${server.url}/api/documents/${name}`, { method: 'PUT', body: JSON.stringify(value) });
const since = { filters: ['since=2026-11-03'] };

/** Where a day can stand, with the arguments that name it, and the documents. */
const DAYS: readonly (readonly [
  place: string,
  query: string,
  documents: Readonly<Record<string, unknown>>,
])[] = [
  ['the filters', 'since=2026-11-03', {}],
  ['a segment', 'segment=s', { 'segment/s': since }],
  ['an excluded segment', 'not.segment=s', { 'segment/s': { filters: ['until=2026-11-02'] } }],
  ['a topic', 'topic=t', { 'topic/t': { name: 't', ...since } }],
  [
    'the rule of internal traffic',
    'internal=hide',
    { 'setting/internal-traffic': { filters: ['until=2026-11-02'] } },
  ],
];

async function useDays(documents: Readonly<Record<string, unknown>>): Promise<RunningServer> {
  const server = await useServer();
  const at = (id: string, timestamp: string): object => ({ ...record(id), timestamp });
  await post(server, [
    at('on the 2nd in UTC', '2026-11-02T20:00:00Z'),
    at('on the 3rd', '2026-11-03T10:00:00Z'),
  ]);
  for (const [name, value] of Object.entries(documents)) await put(server, name, value);
  return server;
}

test.each(DAYS)(
  'all records come anew if a day in %s is another time than before',
  async (_, query, documents) => {
    const server = await useDays(documents);
    const exports = await useExports();
    const from = { url: `${server.url}/?${query}` };
    const run = async (): Promise<unknown> =>
      (await exports.run(from)).map(({ id, reset }) => id ?? { reset });
    expect(await run()).toEqual(['on the 3rd']);
    await put(server, 'setting/time-zone', { timeZone: 'Asia/Tokyo' });
    expect(await run()).toEqual([{ reset: true }, 'on the 2nd in UTC', 'on the 3rd']);
    expect(await run()).toEqual([]);
  },
);

test.each(DAYS)(
  'an interrupted export with a day in %s does not go on in another time zone',
  async (_, query, documents) => {
    const server = await useDays(documents);
    const exports = await useExports();
    const output = join(await useFolder(), 'all.jsonl');
    const run = async (): Promise<string> => {
      await exportCommand(['--from', `${server.url}/?${query}`, '-o', output]);
      return existsSync(output) ? readFileSync(output, 'utf8') : '';
    };
    const before = await run();
    const filters = [...new URLSearchParams(query)];
    if (!query.startsWith('internal')) filters.push(['internal', 'show']);
    const { headers } = await fetch(`${server.url}/api/export?${new URLSearchParams(filters).toString()}`);
    const interrupted = headers.get('x-trubrics-query') ?? '';
    rmSync(output);
    const leave = (): void => {
      writeFileSync(`${output}.part`, before);
      writeFileSync(`${output}.part-of`, `${JSON.stringify({ base: server.url, filters })}\n${interrupted}`);
    };
    leave();
    expect([await run(), process.exitCode]).toEqual([before, 0]);
    rmSync(output);
    leave();
    await put(server, 'setting/time-zone', { timeZone: 'Asia/Tokyo' });
    expect([await run(), process.exitCode]).toEqual(['', 4]);
    expect(exports.said()).toContain('The filters mean other records now');
    // What was written is thrown away.
    expect((await run()).split('\n')).toHaveLength(3);
  },
);

test('a segment that was changed is another set of records, one that was stored again is not', async () => {
  const server = await useServer();
  const exports = await useExports();
  await put(server, 'segment/s', { filters: ['user=a'] });
  await post(server, [record('a'), record('b')]);
  expect(await exports.run(server, '--segment', 's')).toMatchObject([{ id: 'a' }]);
  await put(server, 'segment/s', { filters: ['user=a'] });
  expect(await exports.run(server, '--segment', 's')).toEqual([]);
  await put(server, 'segment/s', { filters: ['user=b'] });
  expect(await exports.run(server, '--segment', 's')).toMatchObject([{ reset: true }, { id: 'b' }]);
});

test('a copy of one person has the feedback of others on their answers, first and later', async () => {
  const server = await useServer();
  const exports = await useExports();
  const rate = (id: string, on: string): Promise<Response> =>
    fetch(`${server.url}/api/ingestion/publish_events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': 'any' },
      body: JSON.stringify([
        { event: 'Feedback', user_id: 'judge', properties: { $event_id: id, record_id: on, score: 1 } },
      ]),
    });
  const run = async (): Promise<unknown> =>
    (await exports.run({ url: `${server.url}/api/export?user=a` })).map(({ id }) => id);
  await post(server, [record('a'), record('b')]);
  await rate('f1', 'a');
  await rate('f2', 'b');
  expect(await run()).toEqual(['a', 'f1']);
  await rate('f3', 'a');
  await rate('f4', 'b');
  // On feedback, and on each other.
  await rate('f5', 'f3');
  await rate('c1', 'c2');
  await rate('c2', 'c1');
  expect(await run()).toEqual(['f3', 'f5']);
  const { cursor } = await getJson<{ cursor: string }>(server, '/api/changes?user=a');
  await rate('f6', 'f5');
  const changes = `/api/changes?user=a&cursor=${encodeURIComponent(cursor)}`;
  expect(await getJson(server, changes)).toMatchObject({ records: [{ id: 'f6' }], isComplete: true });
});

test('a first copy is given up if its filters mean other records once its cursor is read', async () => {
  const server = await useDays({});
  const exports = await useExports();
  const real = globalThis.fetch;
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    const response = await real(url, init);
    if (response.url.includes('/api/changes'))
      await put(server, 'setting/time-zone', { timeZone: 'Asia/Tokyo' });
    return response;
  });
  expect(await exports.run(server, '--since', '2026-11-03')).toEqual([]);
  expect([process.exitCode, exports.said()]).toEqual([4, expect.stringContaining('run it again')]);
  fetching.mockRestore();
  expect(await exports.run(server, '--since', '2026-11-03')).toHaveLength(2);
});
