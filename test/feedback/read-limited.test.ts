import { expect, test } from 'vitest';
import { readLimited } from '../../src/feedback/read-limited.js';

/** A request whose body comes in these pieces, and whether the rest of it was refused. */
function requestOf(pieces: readonly Uint8Array[], headers: Record<string, string> = {}) {
  const state = { isCancelled: false, isRead: false };
  const left = [...pieces];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        state.isRead = true;
        const piece = left.shift();
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      cancel: () => void (state.isCancelled = true),
    },
    { highWaterMark: 0 },
  );
  const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
  return { state, request: new Request('http://localhost/', init) };
}

test('a body of as many bytes as allowed is read, also if a character lies in two pieces', async () => {
  const bytes = new TextEncoder().encode('é€');
  const { request } = requestOf([bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4)]);
  expect(await readLimited(request, 5)).toBe('é€');
  const torn = requestOf([bytes.subarray(0, 1)]);
  expect(await readLimited(torn.request, 5)).toBe('\ufffd');
});

test('a body with one byte more is refused, and not read to its end', async () => {
  const { request, state } = requestOf([new Uint8Array(3), new Uint8Array(3), new Uint8Array(3)]);
  expect(await readLimited(request, 5)).toBeUndefined();
  expect(state.isCancelled).toBe(true);
});

test('a body whose header says that it is too long is not read at all', async () => {
  const { request, state } = requestOf([new Uint8Array(3)], { 'content-length': '6' });
  expect(await readLimited(request, 5)).toBeUndefined();
  expect(state.isRead).toBe(false);
  const fits = requestOf([new TextEncoder().encode('12345')], { 'content-length': '5' });
  expect(await readLimited(fits.request, 5)).toBe('12345');
});

test('a request without a body has an empty one', async () => {
  expect(await readLimited(new Request('http://localhost/'), 5)).toBe('');
});
