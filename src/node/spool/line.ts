import { crc32 } from 'node:zlib';
import type { SpoolItem } from '../../delivery/model/spool.js';

const HEAD = /^\{"v":1,"n":(\d+),"t":(\d+),"c":(\d+),"([es])":/;

/**
 * Returns an entry as a line of JSON: version, sequence, time of acceptance, checksum, entry. The entry's JSON is inserted unchanged
 * (`e`), so that it need not be parsed to be sent. If it contains a line break, it is inserted as a string (`s`).
 */
export function toLine({ json, sequence, acceptedAtMs }: SpoolItem): string {
  const text = json.includes('\n') ? `"s":${JSON.stringify(json)}` : `"e":${json}`;
  return `{"v":1,"n":${sequence},"t":${Math.max(Math.round(acceptedAtMs), 0)},"c":${crc32(json)},${text}}\n`;
}

/** Entry that was erased from its line. */
export const ERASED = Symbol('erased');

/** JSON in place of an entry that was erased. Spaces follow it, so that the line keeps its length. */
const ERASED_TEXT = '""';

/**
 * Returns the entry of a line without its line break; `undefined` if the line is incomplete or damaged, {@link ERASED} if the entry was
 * erased.
 */
export function fromLine(line: string): SpoolItem | typeof ERASED | undefined {
  const head = HEAD.exec(line);
  if (!head || !line.endsWith('}')) return undefined;
  const [whole, sequence, acceptedAtMs, checksum, form] = head;
  if (line.startsWith(ERASED_TEXT, whole.length) && line.slice(whole.length, -1).trimEnd() === ERASED_TEXT)
    return ERASED;
  const json = form === 'e' ? line.slice(whole.length, -1) : parseText(line.slice(whole.length, -1));
  if (json === undefined || crc32(json) !== Number(checksum)) return undefined;
  return {
    json,
    bytes: Buffer.byteLength(json),
    sequence: Number(sequence),
    acceptedAtMs: Number(acceptedAtMs),
  };
}

/** Returns the sequence of a line, and the bytes to write over its entry to erase it. `undefined`: the line has no readable head. */
export function erasureOf(
  line: string,
): { readonly sequence: number; readonly at: number; readonly bytes: Buffer } | undefined {
  const head = HEAD.exec(line);
  if (!head || !line.endsWith('}')) return undefined;
  const at = head[0].length;
  const length = Buffer.byteLength(line) - at - 1;
  return { sequence: Number(head[1]), at, bytes: Buffer.from(ERASED_TEXT.padEnd(length).slice(0, length)) };
}

function parseText(quoted: string): string | undefined {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
