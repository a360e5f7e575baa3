import { open, rename } from 'node:fs/promises';
import { rewritePathOf } from './record-file.js';

const READ_BYTES = 1024 * 1024;

/** Rewrites a file in UTF-8 if it begins with the byte order mark of UTF-16. */
export async function convertFromUtf16(path: string): Promise<void> {
  const source = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(READ_BYTES);
    const { bytesRead } = await source.read(buffer, 0, 2, 0);
    const mark = bytesRead === 2 ? buffer.readUInt16BE(0) : 0;
    if (mark !== 0xff_fe && mark !== 0xfe_ff) return;
    const decoder = new TextDecoder(mark === 0xff_fe ? 'utf-16le' : 'utf-16be');
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
