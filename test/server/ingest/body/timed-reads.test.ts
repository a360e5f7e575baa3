import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createHttpServer, listen, addressOf } from '../../../../src/server/http/node-server.js';
import { ByteBudget } from '../../../../src/server/ingest/body/byte-budget.js';
import { readBody } from '../../../../src/server/ingest/body/read-body.js';
import { TimedReads } from '../../../../src/server/ingest/body/timed-reads.js';

function useFakeTimers(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

const stalled = () => new Promise<never>(() => undefined);

/** Returns what became of a read: `stalled`, or undefined while it is open. */
function watch(read: Promise<unknown>): { readonly outcome: () => unknown } {
  let outcome: unknown;
  read.then(
    (result) => (outcome = result),
    (error: Error) => (outcome = error.name),
  );
  return { outcome: () => outcome };
}

test.each([0, 600, 2_499, 5_000])(
  'a read that begins %d ms after another one fails after ten seconds, twelve and a half at most',
  async (beginsAfter) => {
    useFakeTimers();
    const reads = new TimedReads(10_000);
    const first = watch(reads.limit(stalled()));
    await vi.advanceTimersByTimeAsync(beginsAfter);
    const read = watch(reads.limit(stalled()));
    await vi.advanceTimersByTimeAsync(10_000 - 1);
    expect(read.outcome()).toBeUndefined();
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(2_501);
    expect([first.outcome(), read.outcome()]).toEqual(['StalledError', 'StalledError']);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test('reads that end in time end as they do, and leave no timer', async () => {
  useFakeTimers();
  const reads = new TimedReads(10_000);
  for (let again = 0; again < 2; again++) {
    expect(await reads.limit(Promise.resolve('read'))).toBe('read');
    await expect(reads.limit(Promise.reject(new Error('ended early')))).rejects.toThrow('ended early');
    await vi.advanceTimersByTimeAsync(2_500);
    expect(vi.getTimerCount()).toBe(0);
    const late = watch(reads.limit(stalled()));
    await vi.advanceTimersByTimeAsync(12_500);
    expect(late.outcome()).toBe('StalledError');
  }
});

test('senders that stop in small bodies give back what they hold, and others are heard again', async () => {
  const limits = { maxBytes: 1_000_000, budget: new ByteBudget(1_000_000), smallReads: new TimedReads(100) };
  const http = createHttpServer(
    async (request) => {
      const body = await readBody(request, limits, request.headers.get('content-encoding') ?? '');
      if ('problem' in body)
        return new Response(body.problem, {
          status: body.status,
          headers: body.isCut ? { connection: 'close' } : {},
        });
      body.release();
      return new Response('read');
    },
    () => undefined,
  );
  await listen(http, 0, '127.0.0.1');
  onTestFinished(() => void http.close());
  const { port, url } = addressOf(http, '127.0.0.1');
  const take = vi.spyOn(limits.budget, 'take');
  const senders = ['', '', '', '', 'gzip'].map((encoding) => startBody(port, 250_000, encoding));
  for (const { answer } of senders) expect(await answer).toMatch(/^HTTP\/1\.1 429 [^]*connection: close/i);
  expect(take.mock.calls).toEqual(Array.from({ length: 4 }, () => [250_000]));
  expect(limits.budget.used).toBe(0);
  expect((await fetch(url, { method: 'POST', body: 'more' })).status).toBe(200);
});

/** Sends the head of a request and the first bytes of its body. `answer` is all that comes before the server closes the connection. */
function startBody(port: number, length: number, encoding: string): { readonly answer: Promise<string> } {
  const socket: Socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const headers = [`content-length: ${length}`, `content-encoding: ${encoding}`].join('\r\n');
  socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\n[{"a":`);
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
    socket.on('close', () => resolve(text));
    socket.on('error', () => resolve(text));
  });
  return { answer };
}
