import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDelivery } from '../../src/delivery/create-delivery.js';
import type { Delivery } from '../../src/delivery/delivery.js';
import { fileSpool } from '../../src/node/index.js';
import { promptEntries, promptEntry } from '../support/entries.js';
import { scriptedDestination } from '../support/scripted-destination.js';
import { onlyDirectoryIn } from '../support/only-directory-in.js';
import { useDiag } from '../support/use-diag.js';
import { useFolder } from '../support/use-folder.js';
import { eventually } from '../support/eventually.js';

const IS_ROOT = process.geteuid?.() === 0;
const PRECIOUS = 'precious\n';

/** Puts something at `path` that is not ours. `victim` is a folder with the file `target`. */
type Plant = (path: string, victim: string) => void;

const NOT_FILES: readonly (readonly [string, Plant])[] = [
  ['a symbolic link to a file', (path, victim) => symlinkSync(join(victim, 'target'), path)],
  ['a symbolic link to nothing', (path, victim) => symlinkSync(join(victim, 'new'), path)],
  ['a FIFO', (path) => execFileSync('mkfifo', [path])],
  ['a socket', (path) => bindSocket(path)],
  ['a directory', (path) => mkdirSync(path)],
  ['a hard link', (path, victim) => linkSync(join(victim, 'target'), path)],
  ...(IS_ROOT ? [['a file of another user', (path: string) => plantForeignFile(path)] as const] : []),
];

const NOT_DIRECTORIES: readonly (readonly [string, Plant])[] = [
  ['a symbolic link to a directory', (path, victim) => symlinkSync(victim, path)],
  ['a FIFO', (path) => execFileSync('mkfifo', [path])],
  ['a socket', (path) => bindSocket(path)],
  ['a file', (path) => writeFileSync(path, PRECIOUS)],
  ['a directory that everybody may write to', (path) => makeDirectory(path, 0o777)],
  ...(IS_ROOT
    ? [['a directory of another user', (path: string) => makeForeignDirectory(path)] as const]
    : []),
];

function bindSocket(path: string): void {
  const server = createServer();
  // A relative path, because that of a socket is limited to about 100 characters.
  const before = process.cwd();
  process.chdir(dirname(path));
  server.listen(basename(path));
  process.chdir(before);
  server.unref();
  onTestFinished(() => void server.close());
}

function plantForeignFile(path: string): void {
  writeFileSync(path, PRECIOUS);
  chownSync(path, 1_234, 1_234);
}

function makeDirectory(path: string, mode: number): void {
  mkdirSync(path);
  chmodSync(path, mode);
}

function makeForeignDirectory(path: string): void {
  mkdirSync(path);
  chownSync(path, 1_234, 1_234);
}

/** A folder with a file that no spool may read, change or delete. */
async function useVictim(): Promise<{ victim: string; expectUntouched: () => void }> {
  const victim = await useFolder();
  writeFileSync(join(victim, 'target'), PRECIOUS);
  return {
    victim,
    expectUntouched() {
      expect(readdirSync(victim)).toEqual(['target']);
      expect(readFileSync(join(victim, 'target'), 'utf8')).toBe(PRECIOUS);
    },
  };
}

function open(dir: string, destination = scriptedDestination()): Delivery {
  const delivery = createDelivery(destination, { spool: fileSpool({ dir, claimWithinMs: 0 }) });
  onTestFinished(() => delivery.shutdown(2_000));
  return delivery;
}

/** The directory of the destination, as a first delivery makes it. */
async function useRoot(): Promise<{ dir: string; root: string }> {
  const dir = join(await useFolder(), 'spool');
  const delivery = open(dir);
  delivery.accept(promptEntry('first'));
  await delivery.shutdown();
  return { dir, root: await onlyDirectoryIn(dir) };
}

describe.each(NOT_DIRECTORIES)('%s in place of a directory of the spool', (_name, plant) => {
  test.each(['the directory itself', 'the directory of the destination'])(
    'is refused with one line, and records are delivered from memory: %s',
    async (level) => {
      const { victim, expectUntouched } = await useVictim();
      const { dir, root } = await useRoot();
      const place = level === 'the directory itself' ? dir : root;
      execFileSync('rm', ['-r', place]);
      plant(place, victim);
      const before = lstatSync(place);
      const lines = useDiag();
      const destination = scriptedDestination();
      const delivery = open(dir, destination);
      for (const entry of promptEntries(50)) delivery.accept(entry);
      await delivery.flush();
      await delivery.shutdown();
      expect(delivery.stats()).toMatchObject({ delivered: 50, spooled: 0 });
      expectUntouched();
      expect(lstatSync(place)).toMatchObject({ ino: before.ino, mode: before.mode });
      const warnings = lines.filter(({ level: severity }) => severity === 'warn');
      expect(warnings.map(({ text }) => text)).toEqual([expect.stringContaining(place)]);
    },
  );

  test('is not claimed as an orphan, which is said once', async () => {
    const { victim, expectUntouched } = await useVictim();
    writeFileSync(join(victim, 'target'), PRECIOUS);
    const { dir, root } = await useRoot();
    const place = join(root, '0-abcdef01-abcdef02');
    plant(place, victim);
    const lines = useDiag();
    const delivery = open(dir);
    delivery.accept(promptEntry('a'));
    await delivery.flush();
    await delivery.shutdown();
    expectUntouched();
    expect(lstatSync(place)).toBeDefined();
    expect(lines.filter(({ text }) => text.includes(place))).toHaveLength(1);
  });
});

describe.each(NOT_FILES)('%s in place of a file of the spool', (_name, plant) => {
  test.each(['prompt-00000001.jsonl', 'event-00000007.jsonl'])(
    'is not read when its directory is claimed, and blocks nothing: %s',
    async (name) => {
      const { victim } = await useVictim();
      const line = '{"v":1,"n":1,"t":1,"c":0,"e":"precious"}\n';
      writeFileSync(join(victim, 'target'), line);
      const { dir, root } = await useRoot();
      mkdirSync(join(root, '0-abcdef01-abcdef03'), { mode: 0o700 });
      plant(join(root, '0-abcdef01-abcdef03', name), victim);
      const lines = useDiag();
      const destination = scriptedDestination();
      const delivery = open(dir, destination);
      delivery.accept(promptEntry('own'));
      await delivery.flush();
      await delivery.shutdown();
      expect(destination.delivered).toEqual(['own']);
      expect(readFileSync(join(victim, 'target'), 'utf8')).toBe(line);
      expect(lines.filter(({ text }) => text.includes(name))).toHaveLength(1);
    },
  );

  test('is neither followed nor replaced as the file of dead letters', async () => {
    const { victim, expectUntouched } = await useVictim();
    const { dir, root } = await useRoot();
    plant(join(root, 'dead-letter.jsonl'), victim);
    const delivery = open(
      dir,
      scriptedDestination(() => ({ status: 422 })),
    );
    delivery.accept(promptEntry('refused'));
    await delivery.flush();
    await delivery.shutdown();
    expect(delivery.stats().dropped.invalid).toBe(1);
    expectUntouched();
  });

  test('is neither followed nor written as the count of finished lines', async () => {
    const { victim, expectUntouched } = await useVictim();
    const { dir, root } = await useRoot();
    let isDown = true;
    const destination = scriptedDestination(() => (isDown ? { status: 503 } : undefined));
    const first = open(dir, destination);
    for (const entry of promptEntries(5)) first.accept(entry);
    await eventually(() => expect(first.stats().spooled).toBe(5));
    await first.shutdown();
    const [orphan = ''] = readdirSync(root);
    plant(join(root, orphan, 'prompt-00000001.jsonl.done'), victim);
    isDown = false;
    const second = open(dir, destination);
    await second.flush();
    await second.shutdown();
    expect(destination.delivered).toHaveLength(5);
    expectUntouched();
  });
});
