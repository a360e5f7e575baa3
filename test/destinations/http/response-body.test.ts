import { expect, test } from 'vitest';
import { readBriefly } from '../../../src/destinations/http/response-body.js';

test.each([
  ['empty', 0],
  ['of one byte', 1],
  ['of 32 kB', 32_000],
])('an endless row of chunks that are %s is cut, and the event loop goes on', async (_, size) => {
  let chunks = 0;
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      if (chunks > 500_000) controller.close();
      else controller.enqueue(new Uint8Array(size));
    },
    cancel() {
      isCancelled = true;
    },
  });
  const text = await readBriefly(new Response(body));
  expect(text.length).toBeLessThan(100_000);
  expect(isCancelled).toBe(true);
  expect(chunks).toBeLessThan(70_000);
});

test('the beginning of a body that breaks is kept', async () => {
  let chunks = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      chunks += 1;
      if (chunks > 1) controller.error(new Error('reset'));
      else controller.enqueue(new TextEncoder().encode('{"detail"'));
    },
  });
  expect(await readBriefly(new Response(body))).toBe('{"detail"');
});
