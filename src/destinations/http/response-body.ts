const MAX_BYTES = 64_000;
const MAX_WAIT_MS = 1_000;

/**
 * The beginning of a response's body: at most 64 kB, and what arrives within a second. Never rejects. What is left is
 * cancelled, so that neither a large nor a slow body holds a connection. The status has been decided before the body came,
 * hence a body that breaks off changes nothing.
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
  const timeUp = new Promise<{ readonly done: true; readonly value?: Uint8Array }>((resolve) => {
    timer = setTimeout(() => resolve({ done: true }), MAX_WAIT_MS);
  });
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < MAX_BYTES;) {
      const { done, value } = await Promise.race([reader.read(), timeUp]);
      if (done || !value) break;
      bytes += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // Broken off: what has arrived may do.
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
  return text;
}
