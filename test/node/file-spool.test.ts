import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test, onTestFinished } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import type { DeliverySettings } from '../../src/delivery/model/settings.js';
import type { Settlement } from '../../src/delivery/model/settlement.js';
import type { DeliveryStats } from '../../src/delivery/model/delivery-stats.js';
import { trubricsIngestion } from '../../src/destinations/ingestion/ingestion.js';
import { TrubricsSpanExporter } from '../../src/index.js';
import { fileSpool, type FileSpoolOptions } from '../../src/node/index.js';
import { useDiag } from '../support/use-diag.js';
import { eventEntry, promptEntries, promptEntry } from '../support/entries.js';
import { ManualRuntime } from '../support/manual-runtime.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { OK, type Script, type ScriptedServer } from '../support/scripted-server.js';
import { makeChatSpan } from '../support/span.js';
import { idsOf } from '../support/stored-ids.js';
import { useScriptedServer } from '../support/use-scripted-server.js';
import { useFolder } from '../support/use-folder.js';
import { onlyDirectoryIn } from '../support/only-directory-in.js';
import { eventually } from '../support/eventually.js';

const DOWN: Script = () => ({ status: 503 });
const KEY = 'key-that-is-nowhere-on-disk';

function deliver(
  server: ScriptedServer,
  dir: string,
  options: Partial<FileSpoolOptions> = {},
  settings: Partial<DeliverySettings> = {},
): Delivery {
  const spool = fileSpool({ dir, claimWithinMs: 0, ...options });
  const delivery = createDelivery(trubricsIngestion({ host: server.url, apiKey: KEY }), {
    spool,
    flushIntervalMs: 60_000,
    flushAt: 100,
    ...settings,
  });
  onTestFinished(() => delivery.shutdown(500));
  return delivery;
}

function settle(delivery: Delivery, id: string): Promise<Settlement> {
  return new Promise((resolve) => delivery.accept(promptEntry(id), resolve));
}

/** Waits until nothing is in memory alone. */
async function onDisk(delivery: Delivery): Promise<void> {
  await eventually(() => {
    const { queued, inFlight } = delivery.stats();
    expect(queued + inFlight).toBe(0);
  });
}

/** Every file below a directory, with its content. */
async function filesIn(dir: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => [])) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path, await readFile(path, 'utf8').catch(() => ''));
  }
  return files;
}

async function textIn(dir: string): Promise<string> {
  return [...(await filesIn(dir)).values()].join('');
}

function expectBalance(stats: DeliveryStats): void {
  const dropped = Object.values(stats.dropped).reduce((sum, count) => sum + count, 0);
  expect(stats.delivered + stats.spooled + dropped + stats.queued + stats.inFlight).toBe(stats.accepted);
}

describe('fileSpool', () => {
  test('an entry is settled as spooled when it is on disk, and delivered later', async () => {
    const server = await useScriptedServer();
    const dir = await useFolder();
    const delivery = deliver(server, dir);
    expect(await settle(delivery, 'a')).toEqual({ status: 'spooled' });
    expect(await textIn(dir)).toContain('"$event_id":"a"');
    expect(server.requests).toHaveLength(0);
    expect(delivery.stats()).toMatchObject({
      accepted: 1,
      spooled: 1,
      delivered: 0,
      queued: 0,
      queuedBytes: 0,
    });

    await delivery.flush();
    expect(idsOf(server.stored)).toEqual(['a']);
    expect(delivery.stats()).toMatchObject({ accepted: 1, spooled: 0, delivered: 1, queued: 0 });
  });

  test('an exporter reports success as soon as its records are on disk', async () => {
    const dir = await useFolder();
    const server = await useScriptedServer(DOWN);
    const exporter = new TrubricsSpanExporter({
      host: server.url,
      flushTimeoutMs: 200,
      spool: fileSpool({ dir, claimWithinMs: 0 }),
    });
    const result = new Promise((resolve) => exporter.export([makeChatSpan()], resolve));
    expect(await result).toEqual({ code: 0 });
    expect(exporter.stats().destinations).toMatchObject([{ spooled: 1, delivered: 0 }]);
    expect(await textIn(dir)).toContain('What is the capital of Italy?');
    await exporter.shutdown();
  });

  test('a spool leaves no file when everything is delivered', async () => {
    const server = await useScriptedServer();
    const dir = await useFolder();
    const delivery = deliver(server, dir);
    for (const entry of promptEntries(2_500)) delivery.accept(entry);
    for (let index = 0; index < 100; index++) delivery.accept(eventEntry(`event-${index}`));
    await delivery.shutdown();
    expect(idsOf(server.stored)).toHaveLength(2_600);
    expect(delivery.stats()).toMatchObject({ delivered: 2_600, spooled: 0 });
    expect(await filesIn(dir)).toEqual(new Map());
    expect(await readdir(await onlyDirectoryIn(dir))).toEqual([]);
  });

  test('a spool keeps undelivered entries for the next process', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const first = deliver(server, dir);
    for (const entry of promptEntries(3_000)) first.accept(entry);
    await first.flush(300);
    await first.shutdown(300);
    expect(first.stats()).toMatchObject({ accepted: 3_000, spooled: 3_000, delivered: 0 });
    expectBalance(first.stats());

    server.follow(() => OK);
    const second = deliver(server, dir);
    await eventually(() => expect(second.stats().accepted).toBe(3_000));
    expect(second.stats().spool).toMatchObject({ claimed: 3_000, state: 'writing' });
    await second.flush();
    expect(new Set(idsOf(server.stored)).size).toBe(3_000);
    expect(second.stats()).toMatchObject({ delivered: 3_000, spooled: 0 });
    expectBalance(second.stats());
    await second.shutdown();
    expect(await filesIn(dir)).toEqual(new Map());
  });

  test('a spool holds a limited part in memory during an outage, and sends the rest in order', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const delivery = deliver(server, dir, {}, { maxQueueRecords: 500, concurrency: 1 });
    for (let index = 0; index < 5_000; index++) {
      delivery.accept(promptEntry(`id-${index}`));
      if (index % 400 === 399) await onDisk(delivery);
    }
    await onDisk(delivery);
    expect(delivery.stats().spooled).toBe(5_000);
    const { spool, dropped } = delivery.stats();
    expect(spool?.waiting).toBeGreaterThanOrEqual(4_500);
    expect(dropped.queue_overflow).toBe(0);
    server.follow(() => OK);
    await delivery.flush();
    expect(idsOf(server.stored)).toEqual(
      promptEntries(5_000).map((entry) => (entry as { record: { id: string } }).record.id),
    );
  });

  test('spooled prompts and events do not hold up each other', async () => {
    const server = await useScriptedServer(({ path }) =>
      path.endsWith('publish_llm_events') ? { status: 500 } : OK,
    );
    const delivery = deliver(server, await useFolder(), {}, { flushAt: 10, flushIntervalMs: 20 });
    for (const entry of promptEntries(3_000)) delivery.accept(entry);
    for (let index = 0; index < 50; index++) delivery.accept(eventEntry(`event-${index}`));
    await eventually(() => expect(idsOf(server.stored)).toHaveLength(50));
    await eventually(() => expect(delivery.stats()).toMatchObject({ delivered: 50, spooled: 3_000 }));
  });

  test('an entry is sent twice at most when the process is killed after its delivery', async () => {
    const server = await useScriptedServer();
    const dir = await useFolder();
    const delivery = deliver(server, dir, {}, { flushAt: 1 });
    for (const entry of promptEntries(50)) delivery.accept(entry);
    await delivery.flush();
    // The directory of a killed process, unchanged.
    await eventually(async () => {
      const note = [...(await filesIn(dir))].find(([path]) => path.endsWith('.done'));
      expect(note?.[1]).toBe('50');
    });
  });

  test('a spool survives a torn line, an empty file, damaged lines and foreign files', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const first = deliver(server, dir);
    for (const entry of promptEntries(10)) first.accept(entry);
    await onDisk(first);
    await first.shutdown(100);
    const [path = '', content = ''] =
      [...(await filesIn(dir))].find(([path]) => path.endsWith('.jsonl')) ?? [];
    const lines = content.split('\n');
    lines[3] = lines[3]?.replace('sky', 'sea') ?? '';
    lines[4] = '\0'.repeat(100);
    await writeFile(path, `${lines.join('\n')}{"v":1,"n":11,"t":17`);
    await writeFile(join(path, '..', 'prompt-00000099.jsonl'), '');
    await writeFile(join(path, '..', 'README'), 'mine');
    await mkdir(join(await onlyDirectoryIn(dir), 'something-else'));

    server.follow(() => OK);
    const second = deliver(server, dir);
    await eventually(() => expect(second.stats().accepted).toBe(10));
    const startedMs = performance.now();
    await second.flush();
    // Nobody waits for what is lost.
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(idsOf(server.stored).sort()).toEqual([
      'id-0',
      'id-1',
      'id-2',
      'id-5',
      'id-6',
      'id-7',
      'id-8',
      'id-9',
    ]);
    expect(second.stats()).toMatchObject({ delivered: 8, spooled: 0, dropped: { spool_lost: 2 } });
    expectBalance(second.stats());
    expect(await readdir(await onlyDirectoryIn(dir))).toContain('something-else');
    expect([...(await filesIn(dir)).values()]).toEqual(['mine']);
  });

  test('a spool reads on behind a damaged megabyte by itself', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const first = deliver(server, dir);
    for (const entry of promptEntries(3)) first.accept(entry);
    await onDisk(first);
    await first.shutdown(100);
    const [path = '', content = ''] =
      [...(await filesIn(dir))].find(([path]) => path.endsWith('.jsonl')) ?? [];
    await writeFile(path, `${'\0'.repeat(999)}\n`.repeat(2_500) + content);

    server.follow(() => OK);
    const second = deliver(server, dir, {}, { flushAt: 1 });
    await eventually(() => expect(second.stats()).toMatchObject({ delivered: 3, spooled: 0 }));
    expect(second.stats().dropped.spool_lost).toBe(2_500);
    expectBalance(second.stats());
  });

  test('a full spool drops the oldest waiting entry and counts it', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const dropped: string[] = [];
    const delivery = deliver(
      server,
      dir,
      { maxBytes: 4_000_000 },
      { concurrency: 1, onDrop: ({ reason }) => dropped.push(reason) },
    );
    for (let index = 0; index < 8_000; index++) {
      delivery.accept(promptEntry(`id-${index}`, { prompt: 'x'.repeat(1_000) }));
      if (index % 500 === 499) await onDisk(delivery);
    }
    const stats = delivery.stats();
    expectBalance(stats);
    expect(stats.spool?.bytes).toBeLessThanOrEqual(4_000_000);
    expect(stats.dropped.spool_full).toBeGreaterThan(3_000);
    expect(dropped).toHaveLength(stats.dropped.spool_full);
    server.follow(() => OK);
    await delivery.flush();
    const ids = new Set(idsOf(server.stored));
    expect(ids).toContain('id-7999');
    expect(ids).not.toContain('id-1500');
    expect(delivery.stats().spooled).toBe(0);
    expectBalance(delivery.stats());
  });

  test('entries older than maxAgeMs are dropped, in memory and on disk', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const first = deliver(server, dir);
    for (const entry of promptEntries(20)) first.accept(entry);
    await onDisk(first);
    await first.shutdown(100);
    await pause(30);
    const second = deliver(server, dir, { maxAgeMs: 20 });
    await eventually(() => expect(second.stats().accepted).toBe(20));
    server.follow(() => OK);
    await second.flush();
    const { dropped, delivered, spooled } = second.stats();
    expect({ delivered, spooled }).toEqual({ delivered: 0, spooled: 0 });
    expect(dropped.expired + dropped.spool_expired).toBe(20);
  });

  test.each([
    ['a clock that was not set yet', '"t":5,'],
    ['a clock that ran ahead', `"t":${Date.now() + 1e12},`],
  ])('entries are not taken for expired that were written by %s', async (_name, time) => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const first = deliver(server, dir);
    for (const entry of promptEntries(5)) first.accept(entry);
    await onDisk(first);
    await first.shutdown(100);
    const [path = '', content = ''] =
      [...(await filesIn(dir))].find(([path]) => path.endsWith('.jsonl')) ?? [];
    await writeFile(path, content.replaceAll(/"t":\d+,/g, time));
    server.follow(() => OK);
    const second = deliver(server, dir);
    await eventually(() => expect(second.stats().accepted).toBe(5));
    await second.flush();
    expect(second.stats()).toMatchObject({ delivered: 5, spooled: 0 });
  });

  test('refused entries become dead letters with status and reason', async () => {
    const body = '{"detail":[{"loc":["body",1,"generation"],"type":"missing"}]}';
    const server = await useScriptedServer(({ path, items }) => {
      if (path.endsWith('publish_events')) return { status: 404 };
      return items.length === 2 ? { status: 422, body } : OK;
    });
    const dir = await useFolder();
    const delivery = deliver(server, dir);
    for (const entry of promptEntries(2)) delivery.accept(entry);
    delivery.accept(eventEntry('event-1'));
    await delivery.flush();
    await delivery.shutdown();
    expect(delivery.stats()).toMatchObject({ delivered: 1, dropped: { invalid: 1, http_error: 1 } });
    const letters = (await readFile(join(await onlyDirectoryIn(dir), 'dead-letter.jsonl'), 'utf8'))
      .trim()
      .split('\n');
    const parsed = letters.map((line) => JSON.parse(line) as { reason: string; error: string; e: string });
    expect(
      parsed.map(({ reason, error }) => ({ reason, error })).sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    ).toEqual([
      { reason: 'http_error', error: expect.stringMatching(/^HTTP 404: no ingestion API at http/) },
      { reason: 'invalid', error: 'HTTP 422: generation missing' },
    ]);
    expect(parsed.find(({ reason }) => reason === 'invalid')?.e).toContain('"$event_id":"id-1"');
  });

  test('a spool has its files in order after a shutdown in which the destination used all the time', async () => {
    const server = await useScriptedServer(({ path }) =>
      path.endsWith('publish_events') ? { status: 404 } : 'hang',
    );
    const dir = await useFolder();
    const delivery = deliver(server, dir, {}, { flushAt: 1 });
    delivery.accept(promptEntry('a'));
    delivery.accept(eventEntry('b'));
    await delivery.shutdown(1_000);
    // Free for the next one, though this process lives on; and what was refused is there to be looked at. On a busy machine soon after.
    await eventually(async () =>
      expect((await readdir(await onlyDirectoryIn(dir))).toSorted()).toEqual([
        expect.stringMatching(/^0-[0-9a-f]{8}-[0-9a-f]{8}$/),
        'dead-letter.jsonl',
      ]),
    );
  });

  test('the files of a spool are readable for their owner alone and hold no credentials', async () => {
    const server = await useScriptedServer(({ number, path }) => {
      if (path.endsWith('publish_events')) return { status: 404 };
      return number === 1 ? OK : { status: 503 };
    });
    const parent = await useFolder();
    const dir = join(parent, 'new', 'spool');
    const delivery = deliver(server, dir, {}, { flushAt: 1 });
    expect(await settle(delivery, 'a')).toEqual({ status: 'spooled' });
    await delivery.flush();
    expect(await settle(delivery, 'b')).toEqual({ status: 'spooled' });
    delivery.accept(eventEntry('c'));
    const paths = await eventually(async () => {
      const found = await readdir(parent, { recursive: true });
      // Entries, how far they are finished, and what was refused.
      for (const ending of ['.jsonl', '.done', 'dead-letter.jsonl'])
        expect(found.some((path) => path.endsWith(ending))).toBe(true);
      return found;
    });
    for (const path of paths) {
      const stats = await stat(join(parent, path));
      expect({ path, mode: (stats.mode & 0o777).toString(8) }).toEqual({
        path,
        mode: stats.isDirectory() ? '700' : '600',
      });
    }
    expect(await textIn(parent)).not.toContain(KEY);
  });

  test('a spool stores entries whose text spans lines', async () => {
    const server = await useScriptedServer();
    const dir = await useFolder();
    const texts: string[] = [];
    const spool = fileSpool({ dir, claimWithinMs: 0 });
    const destination = {
      name: '../pretty printer',
      encode: () => '{\n  "a": "\u{1f600}"\n}',
      send: async ({ items }: { items: readonly string[] }) => void texts.push(...items),
    };
    const first = createDelivery({ ...destination, send: async () => ({ status: 503 }) }, { spool });
    first.accept(promptEntry('a'));
    await first.flush(50);
    await first.shutdown(50);
    const second = createDelivery(destination, { spool });
    await eventually(() => expect(second.stats().accepted).toBe(1));
    await second.flush();
    await second.shutdown();
    expect(texts).toEqual(['{\n  "a": "\u{1f600}"\n}']);
    expect(await readdir(dir)).toEqual([expect.stringMatching(/^pretty-printer(?:-[0-9a-f]{16}){2}$/)]);
    expect(server.requests).toHaveLength(0);
  });

  test('two destinations of one name get a spool directory each', async () => {
    const [a, b] = [await useScriptedServer(DOWN), await useScriptedServer(DOWN)];
    const dir = await useFolder();
    const spool = fileSpool({ dir, claimWithinMs: 0 });
    const deliveries = [a, b].map((server) =>
      createDelivery(trubricsIngestion({ host: server.url }), { spool }),
    );
    for (const [index, delivery] of deliveries.entries()) await settle(delivery, `id-${index}`);
    expect(await readdir(dir)).toHaveLength(2);
    for (const delivery of deliveries) await delivery.shutdown(50);
  });

  test('a removed spool directory does not cost entries that are also in memory', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const delivery = deliver(server, dir, {}, { concurrency: 1, flushAt: 10 });
    for (const entry of promptEntries(50)) delivery.accept(entry);
    await delivery.flush(50);
    await rm(await onlyDirectoryIn(dir), { recursive: true });
    expect(await settle(delivery, 'later')).toEqual({ status: 'spooled' });
    expect(await textIn(dir)).toContain('later');
    server.follow(() => OK);
    await delivery.flush();
    expectBalance(delivery.stats());
    expect(idsOf(server.stored)).toContain('later');
    expect(delivery.stats().spooled).toBe(0);
  });

  test('a long replay is logged: what was found, how far it is, and its end', async () => {
    const server = await useScriptedServer(DOWN);
    const dir = await useFolder();
    const first = deliver(server, dir);
    for (const entry of promptEntries(3_000)) first.accept(entry);
    await onDisk(first);
    await first.shutdown(100);

    const lines = useDiag();
    const clock = new ManualRuntime();
    const destination = scriptedDestination(undefined, clock.now);
    const send = destination.send.bind(destination);
    // Slow enough for the replay to last longer than a minute.
    destination.send = async (batch, context) => {
      await new Promise<void>((resolve) => clock.setTimer(resolve, 5_000, false));
      return send(batch, context);
    };
    const spool = fileSpool({ dir, claimWithinMs: 0 });
    const { name, url = '', accountId = '' } = trubricsIngestion({ host: server.url, apiKey: KEY });
    const slow = { ...destination, name, url, accountId };
    const second = createDelivery(slow, { spool, concurrency: 1 }, clock);
    onTestFinished(async () => {
      void second.shutdown(0);
      await clock.advance(1);
    });
    while (second.stats().delivered < 3_000) {
      await clock.advance(1_000);
      // The disk follows another clock.
      await pause(2);
    }
    await clock.advance(60_000);
    expect(lines.map(({ level, text }) => `${level} ${text.replace(/^.*trubrics: /, '')}`)).toEqual([
      expect.stringMatching(/^info found 3000 entries \(\d\.\d MB\) that a process which has ended left/),
      ...lines.slice(1, -1).map(() => expect.stringMatching(/^info sending what waits .* \d+ entries left/)),
      'info the spool is empty again, after 3000 entries',
    ]);
    const left = lines.slice(1, -1).map(({ text }) => Number(/(\d+) entries left/.exec(text)?.[1]));
    expect(left.length).toBeGreaterThan(2);
    expect(left).toEqual(left.toSorted((a, b) => b - a));
  });

  test.each([
    [undefined, 'The options must be an object, not undefined.'],
    [{}, 'Option "dir" is missing. It must be the path of a directory, for instance "spool".'],
    [
      { dir: 'x', maxAge: 5 },
      'There is no option "maxAge"; did you mean "maxAgeMs"? Options are: dir, maxBytes, maxAgeMs, claimWithinMs, claimFrom.',
    ],
    [{ dir: '' }, 'Option "dir" must be the path of a directory, for instance "spool", not an empty string.'],
    [
      { dir: 'x', maxBytes: 5 },
      'Option "maxBytes" must be a whole number from 1000000 on, not 5. Leave it out for the default, 64000000.',
    ],
    [{ dir: 'x', maxAgeMs: 'a' }, 'Option "maxAgeMs" must be a whole number above 0, not "a"'],
  ])('the options %j of a spool are refused with what is wrong', (options, message) => {
    expect(() => fileSpool(options as FileSpoolOptions)).toThrow(TypeError);
    expect(() => fileSpool(options as FileSpoolOptions)).toThrow(message);
  });
});
