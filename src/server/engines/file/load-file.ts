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
  /** True if records that were erased are still in the file. */
  readonly hasErased: boolean;
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
  let [position, lines, skipped, hasErased] = [0, 0, 0, false];
  const replay = (changes: readonly string[]): number => {
    const replayed = replayLines(changes, memory);
    hasErased ||= replayed.hasErased;
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
  if (rest.length === 0) return { end: position, lines, skipped, hasErased };
  skipped += replay([rest.toString()]);
  if (!isTorn(rest.toString())) {
    await file.write('\n', position);
    return { end: position + 1, lines: lines + 1, skipped, hasErased };
  }
  const end = position - rest.length;
  await file.truncate(end);
  return { end, lines, skipped, hasErased };
}

/** Applies the changes that lines describe. Counts the lines that describe none. */
function replayLines(
  lines: readonly string[],
  memory: MemoryStore,
): Pick<LoadedFile, 'skipped' | 'hasErased'> {
  let [skipped, hasErased] = [0, false];
  for (const line of lines) {
    const changes = parseLine(line);
    if (changes.length === 0) skipped += line.trim() === '' ? 0 : 1;
    for (const change of changes) hasErased = replayChange(change, memory) || hasErased;
  }
  return { skipped, hasErased };
}

/** Returns true if the change erased records that are further up in the file. */
function replayChange(change: FileLine, memory: MemoryStore): boolean {
  if ('erased' in change) {
    memory.tombstones.add(change.erased);
    memory.forget(change.erased.ids);
    return change.erased.ids.length > 0;
  }
  if ('removed' in change) memory.forget(change.removed);
  else if ('document' in change) memory.documents.restore(change.document);
  else if ('deletedDocument' in change)
    memory.documents.drop(change.deletedDocument.kind, change.deletedDocument.name);
  else memory.restore(change);
  return false;
}
