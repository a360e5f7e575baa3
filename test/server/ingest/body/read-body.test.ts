import { randomBytes } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ByteBudget } from '../../../../src/server/ingest/body/byte-budget.js';
import { readBody } from '../../../../src/server/ingest/body/read-body.js';

const MAX = 1_000_000;
const LARGE = 600_000;

interface Options {
  readonly encoding?: string;
  /** Sent in pieces, without a length in front. */
  readonly isChunked?: boolean;
  readonly budget?: ByteBudget;
}

async function read(
  bytes: Uint8Array,
  { encoding, isChunked = false, budget = new ByteBudget() }: Options = {},
) {
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 100_000) controller.enqueue(bytes.slice(at, at + 100_000));
      controller.close();
    },
  });
  const request = new Request('http://localhost/', {
    method: 'POST',
    body: isChunked ? pieces : (bytes as Uint8Array<ArrayBuffer>),
    duplex: 'half',
    headers: isChunked ? {} : { 'content-length': String(bytes.length) },
  });
  const body = await readBody(request, { maxBytes: MAX, budget }, encoding);
  return 'bytes' in body
    ? { length: body.bytes.length, release: body.release }
    : { status: body.status, isCut: body.isCut };
}

/** Bytes that do not compress. */
const noise = (length: number): Uint8Array => randomBytes(length);

const FORMS = [
  ['a small body', 1_000, {}],
  ['a large body', LARGE, {}],
  ['a body in pieces', LARGE, { isChunked: true }],
] as const;

test.each(FORMS)(
  '%s is read whole, holds its bytes until it is released, and gives them back once',
  async (_title, length, options) => {
    for (const [encoding, pack] of [
      [undefined, (bytes: Uint8Array) => bytes],
      [' GZIP ', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      const budget = new ByteBudget();
      const body = await read(pack(noise(length)), { ...options, budget, ...(encoding && { encoding }) });
      expect([encoding, body.length]).toEqual([encoding, length]);
      expect(budget.used).toBe(length);
      body.release?.();
      body.release?.();
      expect(budget.used).toBe(0);
    }
  },
);

test.each([
  ['with its length', {}],
  ['in pieces', { isChunked: true }],
])(
  'a body %s has at most as many bytes as allowed, also when it is decompressed',
  async (_title, options) => {
    const budget = new ByteBudget();
    const exact = await read(new Uint8Array(MAX), { ...options, budget });
    expect(exact.length).toBe(MAX);
    exact.release?.();
    expect(await read(new Uint8Array(MAX + 1), { ...options, budget })).toMatchObject({
      status: 413,
      isCut: false,
    });
    const zeros = (length: number) => gzipSync(new Uint8Array(length));
    const unzipped = await read(zeros(MAX), { ...options, budget, encoding: 'gzip' });
    expect(unzipped.length).toBe(MAX);
    unzipped.release?.();
    expect(await read(zeros(MAX + 1), { ...options, budget, encoding: 'gzip' })).toMatchObject({
      status: 413,
    });
    expect(
      await read(gzipSync(noise(MAX + 100_000)), { ...options, budget, encoding: 'gzip' }),
    ).toMatchObject({ status: 413 });
    expect(budget.used).toBe(0);
  },
);

test.each(FORMS)(
  '%s is refused for now while other requests hold too many bytes, and holds none',
  async (_title, length, options) => {
    for (const encoding of [undefined, 'gzip']) {
      const budget = new ByteBudget(length + 10);
      budget.take(11);
      const bytes = encoding ? gzipSync(noise(length)) : noise(length);
      expect(await read(bytes, { ...options, budget, ...(encoding && { encoding }) })).toMatchObject({
        status: 429,
      });
      expect(budget.used).toBe(11);
    }
  },
);

test('an encoding that is not known, and one that is not true, are refused', async () => {
  expect(await read(noise(10), { encoding: 'br' })).toEqual({ status: 415, isCut: false });
  for (const length of [10, LARGE])
    expect(await read(noise(length), { encoding: 'gzip' })).toEqual({ status: 400, isCut: false });
  expect(
    await read(gzipSync(noise(LARGE)).subarray(0, LARGE / 2), { encoding: 'gzip', isChunked: true }),
  ).toMatchObject({ status: 400 });
});

test('a small body that comes in pieces with its length is read whole', async () => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const text of ['[1', ',2', ']']) controller.enqueue(Buffer.from(text));
      controller.close();
    },
  });
  const headers = { 'content-length': '5' };
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half', headers });
  const read = await readBody(request, { maxBytes: MAX, budget: new ByteBudget() });
  expect('bytes' in read && Buffer.from(read.bytes).toString()).toBe('[1,2]');
});

test('a body that is refused is read to its end, so that the client sees why', async () => {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 1;
      if (sent > 30) controller.close();
      else controller.enqueue(new Uint8Array(100_000));
    },
  });
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' });
  expect(await readBody(request, { maxBytes: MAX, budget: new ByteBudget() })).toMatchObject({ status: 413 });
  expect(sent).toBe(31);
});

test.each([
  ['with a length', { 'content-length': '900000' }, undefined],
  ['in pieces', {}, undefined],
  ['compressed', { 'content-length': '900000' }, 'gzip'],
])('a sender that stops in the middle of a body %s holds nothing after ten seconds', async (...given) => {
  const [, headers, encoding] = given;
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const budget = new ByteBudget();
  const start = gzipSync(noise(2_000)).subarray(0, 500);
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(start) });
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half', headers });
  const reading = readBody(request, { maxBytes: MAX, budget }, encoding);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await reading).toMatchObject({ status: 429, isCut: true });
  expect([budget.used, vi.getTimerCount()]).toEqual([0, 0]);
});

test('a refused sender that stops is answered after ten seconds, and its connection closed', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(noise(10)) });
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' });
  const reading = readBody(request, { maxBytes: MAX, budget: new ByteBudget() }, 'br');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await reading).toMatchObject({ status: 415, isCut: true });
});

test('a body that comes slowly, but comes, is read', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 8_000));
        controller.enqueue(noise(10));
        if (++sent === 5) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half' });
  const reading = readBody(request, { maxBytes: MAX, budget: new ByteBudget() });
  await vi.advanceTimersByTimeAsync(50_000);
  expect(await reading).toMatchObject({ bytes: { length: 50 } });
});

test('a body that is longer before it is decompressed than allowed is refused, and leaves no listeners', async () => {
  const warn = vi.spyOn(process, 'emitWarning');
  onTestFinished(() => warn.mockRestore());
  const empty = gzipSync('');
  const nothing = Buffer.concat(Array.from({ length: 60_000 }, () => empty));
  expect(nothing.length).toBeGreaterThan(MAX);
  expect(await read(nothing, { encoding: 'gzip', isChunked: true })).toMatchObject({ status: 413 });
  expect(warn).not.toHaveBeenCalled();
});
