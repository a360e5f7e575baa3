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

/** Returns the entry of a line without its line break; `undefined` if the line is incomplete or damaged. */
export function fromLine(line: string): SpoolItem | undefined {
  const head = HEAD.exec(line);
  if (!head || !line.endsWith('}')) return undefined;
  const [whole, sequence, acceptedAtMs, checksum, form] = head;
  const json = form === 'e' ? line.slice(whole.length, -1) : parseText(line.slice(whole.length, -1));
  if (json === undefined || crc32(json) !== Number(checksum)) return undefined;
  return {
    json,
    bytes: Buffer.byteLength(json),
    sequence: Number(sequence),
    acceptedAtMs: Number(acceptedAtMs),
  };
}

function parseText(quoted: string): string | undefined {
  try {
    const text: unknown = JSON.parse(quoted);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
