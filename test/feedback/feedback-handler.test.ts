import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  createFeedbackHandler,
  type FeedbackHandlerOptions,
  type FeedbackTarget,
} from '../../src/feedback/feedback-handler.js';
import type { FeedbackInput } from '../../src/records/feedback/to-feedback-event.js';
import { trubricsHandler } from '../../src/standalone/index.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useDiag } from '../support/use-diag.js';

afterEach(() => {
  vi.useRealTimers();
});

function setUp(options: FeedbackHandlerOptions = {}) {
  const given: FeedbackInput[] = [];
  const handler = createFeedbackHandler({ trackFeedback: (feedback) => void given.push(feedback) }, options);
  const post = (body: unknown, init: RequestInit = {}) =>
    handler(
      new Request('https://shop.example/feedback', {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
      }),
    );
  return { given, handler, post };
}

const GOOD = { recordId: 'trace-span', score: '👍', comment: 'Thanks!' };

describe('createFeedbackHandler', () => {
  test('the feedback handler takes feedback', async () => {
    const { given, post } = setUp();
    const response = await post({ ...GOOD, userId: 'ada', component: 'chat' });
    expect([response.status, await response.json()]).toEqual([202, { accepted: true }]);
    expect(given).toEqual([{ ...GOOD, userId: 'ada', component: 'chat' }]);
  });

  test.each([{ recordId: 'trace-span' }, { runId: 'run-1' }, { threadId: 'chat-1' }])(
    'the feedback handler takes feedback on %o',
    async (target) => {
      const { given, post } = setUp();
      expect((await post({ ...target, score: '👎' })).status).toBe(202);
      expect(given).toEqual([{ ...target, score: '👎' }]);
    },
  );

  test('feedback by the runId of a call reaches the record of that call, before and after its end', async () => {
    const destination = memoryDestination();
    const handler = trubricsHandler({ destination });
    const respond = createFeedbackHandler(handler);
    const runId = crypto.randomUUID();
    const send = (comment: string) =>
      respond(
        new Request('https://shop.example/feedback', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ runId, score: '👍', comment }),
        }),
      );
    const stream = await new FakeListChatModel({ responses: ['Paris.'] }).stream('hi', {
      callbacks: [handler],
      runId,
    });

    await send('while it streams');
    await handler.flush();
    const sentEarly = [...destination.records, ...destination.events];
    for await (const _ of stream);
    await send('after its end');
    await handler.shutdown();

    expect(sentEarly).toEqual([]);
    const [record] = destination.records;
    expect(record).toMatchObject({ generation: 'Paris.', properties: { run_id: runId } });
    expect(
      destination.events.map(({ properties }) => [properties['comment'], properties['record_id']]),
    ).toEqual([
      ['while it streams', record?.id],
      ['after its end', record?.id],
    ]);
  });

  test('the feedback handler takes the user from the session and not from the body', async () => {
    const { given, post } = setUp({
      identify: async (request) => (request.headers.get('cookie') === 'session=1' ? 'ada' : undefined),
    });
    expect((await post({ ...GOOD, userId: 'grace' })).status).toBe(401);
    expect((await post({ ...GOOD, userId: 'grace' }, { headers: { cookie: 'session=1' } })).status).toBe(202);
    expect(given).toEqual([{ ...GOOD, userId: 'ada' }]);
  });

  test.each<[number, string, unknown, RequestInit]>([
    [400, 'no JSON', '{', {}],
    [400, 'an array', [], {}],
    [400, 'null', 'null', {}],
    [400, 'an unknown field', { ...GOOD, admin: true }, {}],
    [400, 'a score that is none', { ...GOOD, score: '⭐' }, {}],
    [400, 'a comment that is none', { ...GOOD, comment: { text: 'x' } }, {}],
    [400, 'a comment that is too long', { ...GOOD, comment: 'x'.repeat(10_001) }, {}],
    [400, 'nothing it is about', { score: '👍' }, {}],
    [400, 'nothing it says', { recordId: 'a-b' }, {}],
    [413, 'too much', { ...GOOD, comment: 'x'.repeat(20_000) }, {}],
    [415, 'a form of a foreign page', 'recordId=a-b', { headers: { 'content-type': 'text/plain' } }],
    [405, 'another method', undefined, { method: 'PUT' }],
  ])('the feedback handler answers %i to %s', async (status, _case, body, init) => {
    const { given, post } = setUp();
    const response = await post(body, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.any(String) as string });
    expect(given).toEqual([]);
  });

  test('the feedback handler reads no more of a body than its limit', async () => {
    const { handler } = setUp();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(8_192).fill(0x20));
      },
    });
    const request = new Request('https://shop.example/feedback', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    });
    expect((await handler(request)).status).toBe(413);
    expect(sent).toBeLessThan(8);
  });

  test('the feedback handler limits the requests of one caller in a minute, and not those of others', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { post } = setUp({ perMinute: 2 });
    const as = async (token: string) => {
      const response = await post(GOOD, { headers: { authorization: `Bearer ${token}` } });
      return [response.status, response.headers.get('retry-after')];
    };
    expect([await as('ada'), await as('ada'), await as('ada'), await as('grace')]).toEqual([
      [202, null],
      [202, null],
      [429, '30'],
      [202, null],
    ]);
    vi.advanceTimersByTime(30_000);
    expect([await as('ada'), await as('ada')]).toEqual([
      [202, null],
      [429, '30'],
    ]);
  });

  test('the feedback handler answers pages of allowed origins', async () => {
    const preflight = (origin: string, options: FeedbackHandlerOptions) =>
      setUp(options)
        .handler(new Request('https://shop.example/feedback', { method: 'OPTIONS', headers: { origin } }))
        .then(({ status, headers }) => [
          status,
          headers.get('access-control-allow-origin'),
          headers.get('vary'),
        ]);
    const allowOrigins = ['https://chat.example'];
    expect(await preflight('https://chat.example', { allowOrigins })).toEqual([
      204,
      'https://chat.example',
      'origin',
    ]);
    expect(await preflight('https://evil.example', { allowOrigins })).toEqual([204, null, 'origin']);
    expect(await preflight('https://any.example', { allowOrigins: '*' })).toEqual([
      204,
      'https://any.example',
      'origin',
    ]);
    const refused = await setUp({ allowOrigins }).post('{', { headers: { origin: 'https://chat.example' } });
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://chat.example');
  });

  test('the feedback handler answers an error of the application without its message', async () => {
    const lines = useDiag();
    const { post } = setUp({
      identify: () => {
        throw new Error('database password is hunter22');
      },
    });
    const response = await post(GOOD);
    expect([response.status, await response.text()]).toEqual([
      500,
      '{"error":"The feedback could not be taken."}',
    ]);
    expect(JSON.stringify(lines)).not.toContain('hunter22');
  });

  test('the feedback handler never rejects and takes nothing but feedback, whatever is sent', async () => {
    const { given, post } = setUp({ perMinute: 1e9 });
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (body) => {
        expect([202, 400]).toContain((await post(body)).status);
      }),
    );
    for (const feedback of given) expect(Object.keys(feedback).length).toBeGreaterThan(1);
  });

  test('the feedback handler works behind a real server', async () => {
    const { given, handler } = setUp();
    const server = createServer((request, response) => {
      const body = Readable.toWeb(request) as ReadableStream;
      const init = {
        method: 'POST',
        body,
        duplex: 'half',
        headers: request.headers,
      } as unknown as RequestInit;
      const answer = async () => {
        const given = await handler(new Request('http://localhost/', init));
        response.writeHead(given.status, Object.fromEntries(given.headers)).end(await given.text());
      };
      void answer();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(GOOD),
    });
    expect(response.status).toBe(202);
    expect(given).toEqual([GOOD]);
    server.closeAllConnections();
    server.close();
  });

  test.each<[unknown, FeedbackHandlerOptions]>([
    [{}, {}],
    [undefined, {}],
    [{ trackFeedback() {} }, { perMinute: 0 }],
    [{ trackFeedback() {} }, { maxBytes: Number.NaN }],
    [{ trackFeedback() {} }, { allowOrigins: 'https://chat.example' as '*' }],
    [{ trackFeedback() {} }, { identify: 'ada' as never }],
  ])('the feedback handler refuses wrong options with what it needs', (target, options) => {
    expect(() => createFeedbackHandler(target as FeedbackTarget, options)).toThrow(TypeError);
  });
});

test('each user that is identified has a limit of its own', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { post } = setUp({ perMinute: 1, identify: (request) => request.headers.get('x-user') ?? undefined });
  const as = async (user: string) => (await post(GOOD, { headers: { 'x-user': user } })).status;
  expect([await as('ada'), await as('ada'), await as('grace')]).toEqual([202, 429, 202]);
});

test('a body has as many bytes as allowed, and its type is JSON and not another that mentions it', async () => {
  const { post } = setUp({ maxBytes: 60 });
  const exact = '{"recordId":"r","score":"👍"}'.padEnd(58);
  expect(new TextEncoder().encode(exact)).toHaveLength(60);
  expect((await post(exact)).status).toBe(202);
  expect((await post(`${exact} `)).status).toBe(413);
  const type = 'text/plain; charset=application/json';
  expect((await post(exact, { headers: { 'content-type': type } })).status).toBe(415);
});

test('a request without an origin gets no headers for other origins', async () => {
  const { post } = setUp({ allowOrigins: '*' });
  const names = [...(await post(GOOD)).headers.keys()];
  expect(names.filter((name) => name === 'vary' || name.startsWith('access-control'))).toEqual([]);
});
