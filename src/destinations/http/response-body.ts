import { letProcessEnd } from '../../common/background-timer.js';

const MAX_BYTES = 64_000;
/** Time for the whole body. */
const MAX_WAIT_MS = 1_000;

/**
 * Returns the beginning of a response's body: about 64 kB at most, and only what arrives within a second. The rest is cancelled, so
 * that a large or slow body does not hold the connection. Never rejects: the status is known, and a broken body does not change it.
 */
export async function readBriefly(response: Response): Promise<string> {
  try {
    const reader = response.body?.getReader() as ByteReader | undefined;
    return reader ? await readFrom(reader) : '';
  } catch {
    return '';
  }
}

interface ByteReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
  cancel(): Promise<unknown>;
}

async function readFrom(reader: ByteReader): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<{ readonly done: true; readonly value?: Uint8Array }>((resolve) => {
    timer = setTimeout(() => resolve({ done: true }), MAX_WAIT_MS);
    letProcessEnd(timer);
  });
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < MAX_BYTES;) {
      const { done, value } = await Promise.race([reader.read(), deadline]);
      if (done || !value) break;
      // Empty chunks count as well: an endless row of them would leave the timer no turn.
      bytes += value.byteLength + 1;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The connection broke: the beginning is returned.
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
  return text;
}
