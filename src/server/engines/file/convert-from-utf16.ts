import { open, rename } from 'node:fs/promises';
import { rewritePathOf } from './record-file.js';

const READ_BYTES = 1024 * 1024;

/** Bytes from which `utf16Of()` tells. */
const HEAD_BYTES = 4;

/**
 * Returns the encoding of a file in UTF-16 from its beginning: by the byte order mark or, since not all programs write one, by the zeros in the
 * first two characters of JSON. Undefined for any other.
 */
export function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  if (head.length < 2) return undefined;
  const mark = head.readUInt16BE(0);
  if (mark === 0xff_fe) return 'utf-16le';
  if (mark === 0xfe_ff) return 'utf-16be';
  const start = head.toString('latin1', 0, HEAD_BYTES);
  if (/^[[{]\0[\s"{[]\0$/.test(start)) return 'utf-16le';
  return /^\0[[{]\0[\s"{[]$/.test(start) ? 'utf-16be' : undefined;
}

/** Rewrites a file in UTF-8 if it is in UTF-16. */
export async function convertFromUtf16(path: string): Promise<void> {
  const source = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(READ_BYTES);
    const { bytesRead } = await source.read(buffer, 0, HEAD_BYTES, 0);
    const encoding = utf16Of(buffer.subarray(0, bytesRead));
    if (!encoding) return;
    const decoder = new TextDecoder(encoding);
    const target = await open(rewritePathOf(path), 'w', 0o600);
    try {
      const { size } = await source.stat();
      for (let position = 0; position < size; position += READ_BYTES) {
        const read = await source.read(buffer, 0, READ_BYTES, position);
        await target.writeFile(decoder.decode(buffer.subarray(0, read.bytesRead), { stream: true }));
      }
      await target.writeFile(decoder.decode());
      await target.sync();
    } finally {
      await target.close();
    }
    await rename(rewritePathOf(path), path);
  } finally {
    await source.close();
  }
}
