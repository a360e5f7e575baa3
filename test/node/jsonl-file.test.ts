import { appendFile, chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Destination, Entry } from '../../src/destinations/destination.js';
import { jsonlFile } from '../../src/node/jsonl-file.js';
import { eventEntry, promptEntries, promptEntry, promptRecord } from '../support/entries.js';
import { useFolder } from '../support/use-folder.js';
import { canMountTmpfs, mountTmpfs } from '../support/tmpfs.js';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await useFolder();
  path = join(dir, 'logs', 'deep', 'prompts.jsonl');
});

async function linesOf(file: string): Promise<{ id: string; kind: string }[]> {
  const text = await readFile(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; kind: string });
}

const CAN_MOUNT = canMountTmpfs();

function idOf(entry: Entry): string {
  return entry.kind === 'prompt' ? entry.record.id : entry.event.id;
}

function append(destination: Destination, ...entries: readonly Entry[]): Promise<unknown> {
  const items = entries.map((entry) => destination.encode(entry) ?? '');
  return destination.send({ kind: 'prompt', items }, { signal: new AbortController().signal });
}

describe('jsonlFile', () => {
  test('jsonlFile writes one line for each record and event, and creates the directories', async () => {
    const delivery = createDelivery(jsonlFile({ path }));
    delivery.accept(promptEntry('a', { prompt: 'two\nlines' }));
    delivery.accept(eventEntry('b'));
    await delivery.shutdown();
    const lines = await linesOf(path);
    expect(lines.find(({ id }) => id === 'a')).toEqual({
      kind: 'prompt',
      ...promptRecord({ id: 'a', prompt: 'two\nlines' }),
    });
    expect(lines.find(({ id }) => id === 'b')).toMatchObject({ kind: 'event', event: 'Sign up' });
  });

  test('jsonlFile creates files and directories that their owner alone can read', async () => {
    await append(jsonlFile({ path }), promptEntry('a'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'logs'))).mode & 0o777).toBe(0o700);
  });

  test('jsonlFile keeps the order of concurrent batches and appends to an existing file', async () => {
    const destination = jsonlFile({ path });
    await Promise.all(promptEntries(200).map((entry) => append(destination, entry)));
    await append(jsonlFile({ path }), promptEntry('last'));
    const ids = (await linesOf(path)).map(({ id }) => id);
    expect(ids).toEqual([...Array(200).keys()].map((index) => `id-${index}`).concat('last'));
  });

  test('jsonlFile begins a new file before maxBytes is exceeded, and keeps maxFiles files', async () => {
    const destination = jsonlFile({ path, maxBytes: 1_000, maxFiles: 3 });
    const entries = promptEntries(40);
    for (const entry of entries) await append(destination, entry);
    const names = (await readdir(join(dir, 'logs', 'deep'))).sort();
    expect(names).toEqual(['prompts.jsonl', 'prompts.jsonl.1', 'prompts.jsonl.2']);
    const kept: string[] = [];
    for (const name of names.toReversed()) {
      const file = join(dir, 'logs', 'deep', name);
      expect((await stat(file)).size).toBeLessThanOrEqual(1_000);
      kept.push(...(await linesOf(file)).map(({ id }) => id));
    }
    expect(kept).toEqual([...Array(40).keys()].map((index) => `id-${index}`).slice(-kept.length));
  });

  test('jsonlFile with maxFiles 1 keeps the current file alone', async () => {
    const destination = jsonlFile({ path, maxBytes: 300, maxFiles: 1 });
    for (const entry of promptEntries(5)) await append(destination, entry);
    expect(await readdir(join(dir, 'logs', 'deep'))).toEqual(['prompts.jsonl']);
    expect((await linesOf(path)).at(-1)?.id).toBe('id-4');
  });

  test('jsonlFile does not continue the half line of a killed process', async () => {
    const destination = jsonlFile({ path });
    await append(destination, promptEntry('a'));
    await appendFile(path, '{"kind":"prompt","id":"to');
    await append(destination, promptEntry('b'));
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ id: 'b' });
  });

  test('jsonlFile begins a new file when the file was moved away', async () => {
    const destination = jsonlFile({ path });
    await append(destination, promptEntry('a'));
    await rm(join(dir, 'logs'), { recursive: true });
    await append(destination, promptEntry('b'));
    expect((await linesOf(path)).map(({ id }) => id)).toEqual(['b']);
  });

  test.runIf(CAN_MOUNT)(
    'jsonlFile leaves no half lines on a full disk, and writes the rest when there is space',
    async () => {
      const tmpfs = mountTmpfs('size=1m');
      try {
        const file = join(tmpfs?.dir ?? '', 'prompts.jsonl');
        const filler = join(tmpfs?.dir ?? '', 'filler');
        await writeFile(filler, 'x'.repeat(900_000));
        const delivery = createDelivery(jsonlFile({ path: file }));
        for (const entry of promptEntries(300))
          delivery.accept({
            ...entry,
            record: promptRecord({ id: idOf(entry), prompt: 'x'.repeat(1_000) }),
          } as Entry);
        await delivery.flush(200);
        expect(delivery.stats()).toMatchObject({ delivered: 0, queued: 300, lastError: 'ENOSPC' });
        expect(await readFile(file, 'utf8')).toBe('');
        await rm(filler);
        await delivery.shutdown();
        expect((await linesOf(file)).map(({ id }) => id)).toEqual(promptEntries(300).map(idOf));
      } finally {
        tmpfs?.unmount();
      }
    },
  );

  test('a delivery keeps entries while the JSONL file cannot be written', async () => {
    await writeFile(join(dir, 'logs'), 'a file where the directory should be');
    const delivery = createDelivery(jsonlFile({ path }));
    delivery.accept(promptEntry('a'));
    await delivery.flush(50);
    expect(delivery.stats()).toMatchObject({
      delivered: 0,
      state: 'backing-off',
      lastError: expect.stringMatching(/^E[A-Z]+$/) as unknown,
    });
    await rm(join(dir, 'logs'));
    await mkdir(join(dir, 'logs'));
    await chmod(join(dir, 'logs'), 0o755);
    await delivery.flush();
    expect((await linesOf(path)).map(({ id }) => id)).toEqual(['a']);
  });

  test('jsonlFile writes nothing of a batch that was aborted while it waited', async () => {
    const destination = jsonlFile({ path });
    await expect(
      destination.send({ kind: 'prompt', items: ['{}'] }, { signal: AbortSignal.abort() }),
    ).rejects.toThrow();
    await append(destination, promptEntry('a'));
    expect(await linesOf(path)).toHaveLength(1);
  });

  test.each<[unknown, RegExp]>([
    [undefined, /^The options must be an object, not undefined\./],
    [{}, /^Option "path" is missing\. It must be the path of a file, for instance "prompts\.jsonl"\.$/],
    [{ path: 'a', maxSize: 5 }, /^There is no option "maxSize"\. Options are: path, maxBytes, maxFiles\.$/],
    [{ path: '' }, /^Option "path" must be the path of a file, .* not an empty string/],
    [{ path: 'a', maxBytes: 0 }, /^Option "maxBytes" must be a whole number above 0, not 0\./],
    [{ path: 'a', maxFiles: '3' }, /^Option "maxFiles" must be a whole number above 0, not "3"\./],
  ])('jsonlFile refuses the options %j', (options, message) => {
    expect(() => jsonlFile(options as never)).toThrow(message);
  });
});
