import { erasureOf } from './line.js';
import { openSafely } from './safe-files.js';

const NEWLINE = 0x0a;

/**
 * Writes over the entries with these sequences, in place, so that the content is gone from the file and no process sends it. Returns
 * the lines that were erased. The length of the file and of its lines stays.
 *
 * @throws the error of the file system.
 */
export async function eraseLines(
  path: string,
  sequences: ReadonlySet<number>,
): Promise<{ readonly index: number; readonly sequence: number }[]> {
  const file = await openSafely(path, 'update');
  try {
    const content = await file.readFile();
    const erased: { index: number; sequence: number }[] = [];
    let start = 0;
    let index = 0;
    for (let end = content.indexOf(NEWLINE); end !== -1; end = content.indexOf(NEWLINE, start)) {
      const erasure = erasureOf(content.toString('utf8', start, end));
      if (erasure && sequences.has(erasure.sequence)) {
        await file.write(erasure.bytes, 0, erasure.bytes.byteLength, start + erasure.at);
        erased.push({ index, sequence: erasure.sequence });
      }
      start = end + 1;
      index++;
    }
    if (erased.length > 0) await file.datasync();
    return erased;
  } finally {
    await file.close();
  }
}
