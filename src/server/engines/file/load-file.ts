import type { FileHandle } from 'node:fs/promises';
import type { MemoryStore } from '../memory/memory-store.js';
import { isTorn, parseLine, type FileLine } from './parse-line.js';

const READ_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

export interface LoadedFile {
  /** Offset of the next line. */
  readonly end: number;
  readonly lines: number;
  /** Lines that are neither empty nor records. */
  readonly skipped: number;
  /** Ids of erased records that may still be in the file. */
  readonly erased: readonly string[];
}

/**
 * Reads all lines into memory. A last line without its newline is cut off if it is torn, and gets a newline otherwise. `onProgress` is told the
 * share (0 to 1) that has been read.
 */
export async function loadFile(
  file: FileHandle,
  memory: MemoryStore,
  onProgress?: (share: number) => void,
): Promise<LoadedFile> {
  const { size } = await file.stat();
  const buffer = Buffer.alloc(READ_BYTES);
  let rest: Buffer = Buffer.alloc(0);
  const erased: string[] = [];
  let [position, lines, skipped] = [0, 0, 0];
  const replay = (changes: readonly string[]): number => {
    const replayed = replayLines(changes, memory);
    for (const id of replayed.erased) erased.push(id);
    return replayed.skipped;
  };
  while (position < size) {
    const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const complete = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
    lines += complete.length;
    skipped += replay(complete);
    rest = bytes.subarray(end);
    onProgress?.(position / size);
  }
  if (rest.length === 0) return { end: position, lines, skipped, erased };
  skipped += replay([rest.toString()]);
  if (!isTorn(rest.toString())) {
    await file.write('\n', position);
    return { end: position + 1, lines: lines + 1, skipped, erased };
  }
  const end = position - rest.length;
  await file.truncate(end);
  return { end, lines, skipped, erased };
}

/** Applies the changes that lines describe. Counts the lines that describe none. */
function replayLines(lines: readonly string[], memory: MemoryStore): Pick<LoadedFile, 'skipped' | 'erased'> {
  const erased: string[] = [];
  let skipped = 0;
  for (const line of lines) {
    const changes = parseLine(line);
    if (changes.length === 0) skipped += line.trim() === '' ? 0 : 1;
    for (const change of changes) for (const id of replayChange(change, memory)) erased.push(id);
  }
  return { skipped, erased };
}

/** Returns the ids of records that the change erased, which are further up in the file. */
function replayChange(change: FileLine, memory: MemoryStore): readonly string[] {
  if ('erased' in change) {
    memory.tombstones.add(change.erased);
    memory.forget(change.erased.ids);
    return change.erased.ids;
  }
  if ('removed' in change) memory.forget(change.removed);
  else if ('document' in change) memory.documents.restore(change.document);
  else if ('deletedDocument' in change)
    memory.documents.drop(change.deletedDocument.kind, change.deletedDocument.name);
  else memory.restore(change);
  return [];
}
