import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { DestinationResponse, Destination, Entry } from '../../../src/destinations/destination.js';
import { MissingOptionError } from '../../../src/common/options/missing-option-error.js';
import { TRUBRICS_CLOUD } from '../../../src/destinations/ingestion/ingestion-target.js';
import { trubricsIngestion } from '../../../src/destinations/ingestion/ingestion.js';
import { eventEntry, promptEntry, promptRecord } from '../../support/entries.js';
import { type Reply, type ScriptedServer } from '../../support/scripted-server.js';
import { useScriptedServer } from '../../support/use-scripted-server.js';
import { eventually } from '../../support/eventually.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

function serve(reply: Reply = { status: 200, body: '{}' }): Promise<ScriptedServer> {
  return useScriptedServer(() => reply);
}

async function send(
  destination: Destination,
  ...entries: readonly Entry[]
): Promise<DestinationResponse | void> {
  const items = entries.map((entry) => destination.encode(entry) ?? '');
  return destination.send(
    { kind: entries[0]?.kind ?? 'prompt', items },
    { signal: AbortSignal.timeout(5_000) },
  );
}

describe('trubricsIngestion on the wire', () => {
  test('trubricsIngestion posts prompts to publish_llm_events, with the key in x-api-key', async () => {
    const server = await serve();
    const destination = trubricsIngestion({ apiKey: 'key-1', host: server.url });
    const entry = promptEntry('trace-span', {
      threadId: 'thread-1',
      tags: ['langchain', 'chat'],
      properties: { provider: 'openai', hello: [1, 2] },
    });
    await send(destination, entry);
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', path: '/publish_llm_events' });
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'x-api-key': 'key-1' });
    expect(request?.items).toEqual([
      {
        user_id: 'user-1',
        prompt: 'Why is the sky blue?',
        generation: 'Because of Rayleigh scattering.',
        assistant_id: 'gpt-4o-mini',
        thread_id: 'thread-1',
        timestamp: '2026-11-22T10:00:00.000Z',
        latency: 1.25,
        prompt_event_name: 'Prompt',
        generation_event_name: 'Generation',
        properties: {
          provider: 'openai',
          hello: [1, 2],
          tags: ['langchain', 'chat'],
          $thread_id: 'thread-1',
          $event_id: 'trace-span',
        },
      },
    ]);
  });

  test('trubricsIngestion leaves out an unknown thread and empty tags', async () => {
    const server = await serve();
    await send(trubricsIngestion({ host: server.url }), promptEntry('a'));
    expect(server.stored[0]).not.toHaveProperty('thread_id');
    expect(server.stored[0]?.['properties']).toEqual({ $event_id: 'a' });
  });

  test('trubricsIngestion posts events to publish_events', async () => {
    const server = await serve();
    await send(trubricsIngestion({ host: server.url }), eventEntry('event-1'));
    expect(server.requests[0]?.path).toBe('/publish_events');
    expect(server.stored).toEqual([
      {
        user_id: 'user-1',
        event: 'Sign up',
        timestamp: '2026-11-22T10:00:00.000Z',
        properties: { $event_id: 'event-1' },
      },
    ]);
  });

  test('trubricsIngestion sends other event names and an empty generation unchanged', async () => {
    const server = await serve();
    const destination = trubricsIngestion({
      host: server.url,
      promptEventName: 'Question',
      generationEventName: 'Answer',
    });
    await send(destination, promptEntry('a', { generation: '' }));
    expect(server.stored[0]).toMatchObject({
      generation: '',
      prompt_event_name: 'Question',
      generation_event_name: 'Answer',
    });
  });

  test('trubricsIngestion appends the endpoint to a host with a path and an optional final slash', async () => {
    const server = await serve();
    for (const slash of ['', '/', '//']) {
      await send(trubricsIngestion({ host: `${server.url}/api/ingestion${slash}` }), promptEntry('a'));
    }
    expect(server.requests.map(({ path }) => path)).toEqual(
      Array(3).fill('/api/ingestion/publish_llm_events'),
    );
  });

  test('trubricsIngestion sends a placeholder key to a loopback host', async () => {
    const server = await serve();
    await send(trubricsIngestion({ host: server.url, apiKey: ' ' }), promptEntry('a'));
    expect(server.requests[0]?.headers['x-api-key']).toBe('local');
  });

  test('trubricsIngestion bypasses a patched global fetch, and uses the option `fetch`', async () => {
    const server = await serve();
    const original = globalThis.fetch;
    const wrapper = Object.assign(vi.fn(original), { __original: original });
    vi.stubGlobal('fetch', wrapper);
    await send(trubricsIngestion({ host: server.url }), promptEntry('a'));
    expect(wrapper).not.toHaveBeenCalled();
    await send(trubricsIngestion({ host: server.url, fetch: wrapper }), promptEntry('b'));
    expect(wrapper).toHaveBeenCalledTimes(1);
    expect(wrapper.mock.calls[0]?.[1]).toMatchObject({
      redirect: 'manual',
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
  });
});

describe('trubricsIngestion and the answers', () => {
  test('trubricsIngestion reports the indexes and places that a 422 of FastAPI names', async () => {
    const body = JSON.stringify({
      detail: [
        {
          loc: ['body', 7, 'generation'],
          msg: 'Field required',
          type: 'missing',
          input: { prompt: 'secret' },
        },
        { loc: ['body', 7, 'prompt'], msg: 'Field required', type: 'missing' },
        { loc: ['body', 9, 'latency'], msg: 'secret', type: 'float_type' },
      ],
    });
    const server = await serve({ status: 422, body });
    const answer = await send(trubricsIngestion({ host: server.url }), promptEntry('a'));
    expect(answer).toMatchObject({
      status: 422,
      rejected: [7, 9],
      reason: 'generation missing, prompt missing, latency float_type',
    });
  });

  test.each([
    ['text', 'Unprocessable'],
    ['broken JSON', '{"detail":[{"loc":["body",'],
    ['a detail that is text', '{"detail":"no"}'],
    ['a location without an index', '{"detail":[{"loc":["body","prompt"]}]}'],
    ['odd values', '{"detail":[null,1,{"loc":null},{"loc":["body",1.5]},{"loc":["body","7"]}]}'],
    ['nothing', ''],
  ])('trubricsIngestion reports no index when a 422 says %s', async (_, body) => {
    const server = await serve({ status: 422, body });
    const answer = await send(trubricsIngestion({ host: server.url }), promptEntry('a'));
    expect(answer).toMatchObject({ status: 422 });
    expect(answer).not.toHaveProperty('rejected');
  });

  test.each<[string, Reply]>([
    ['drips', 'drip'],
    ['is broken off', 'truncate'],
    ['is huge', { status: 200, body: 'x'.repeat(5_000_000) }],
  ])('a 200 is a success although its body %s', async (_, reply) => {
    const server = await serve(reply);
    const started = performance.now();
    expect(await send(trubricsIngestion({ host: server.url }), promptEntry('a'))).toMatchObject({
      status: 200,
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  test.each([200, 2_000_000])(
    'trubricsIngestion does not collect connections when responses have %i bytes',
    async (bytes) => {
      const server = await serve({ status: 200, body: 'x'.repeat(bytes) });
      const destination = trubricsIngestion({ host: server.url });
      for (let index = 0; index < 30; index++) await send(destination, promptEntry(`id-${index}`));
      await eventually(() => expect(server.openConnections).toBeLessThan(3));
    },
  );

  test.each([
    ['', '/api/ingestion'],
    ['/api', '/api/ingestion'],
    ['/api/ingestions', '/api/ingestion'],
    ['/api/ingestion/publish_llm_events', '/api/ingestion'],
    ['/p/acme/api/ingestion/publish_events', '/p/acme/api/ingestion'],
    ['/api/ingestion', undefined],
    ['/p/acme/api/ingestion/', undefined],
  ])('trubricsIngestion says which host to write instead of one with the path %j', async (path, right) => {
    const server = await useScriptedServer(() => ({ status: 404 }));
    const destination = trubricsIngestion({ host: `${server.url}${path}` });
    const batch = { kind: 'prompt', items: ['{}'] } as const;
    const response = await destination.send(batch, { signal: new AbortController().signal });
    const advice = right === undefined ? '' : `; set host (TRUBRICS_HOST) to ${server.url}${right}`;
    const host = path.replace(/\/$/, '');
    expect(response).toMatchObject({
      status: 404,
      reason: `no ingestion API at ${server.url}${host}/publish_llm_events${advice}`,
    });
  });

  test('trubricsIngestion returns a redirect instead of following it', async () => {
    const elsewhere = await serve();
    const server = await serve({ status: 307, headers: { location: elsewhere.url } });
    expect(await send(trubricsIngestion({ host: server.url }), promptEntry('a'))).toMatchObject({
      status: 307,
    });
    expect(elsewhere.requests).toEqual([]);
  });

  test('trubricsIngestion rejects without a connection and when its signal aborts', async () => {
    const server = await serve('hang');
    const destination = trubricsIngestion({ host: server.url });
    const aborted = destination.send({ kind: 'prompt', items: ['{}'] }, { signal: AbortSignal.timeout(50) });
    await expect(aborted).rejects.toThrow();
    await server.close();
    await expect(send(destination, promptEntry('a'))).rejects.toThrow();
  });
});

describe('trubricsIngestion options', () => {
  const KEY = 'key-that-nobody-may-see';

  test('trubricsIngestion says what to do when there is no key for a remote host', () => {
    const create = () => trubricsIngestion({ host: 'https://trubrics.example' });
    expect(create).toThrow(MissingOptionError);
    expect(create).toThrow(
      /^Option "apiKey" is missing.*apiKey.*TRUBRICS_API_KEY.*npx opentelemetry-exporter-trubrics dev.*host.*TRUBRICS_HOST/,
    );
  });

  test.each([{}, { apiKey: KEY }])(
    'trubricsIngestion(%j) sends to no default host and names both choices',
    (options) => {
      const create = () => trubricsIngestion(options);
      expect(create).toThrow(MissingOptionError);
      expect(create).toThrow(
        /^Option "host" is missing.*npx opentelemetry-exporter-trubrics dev.*TRUBRICS_HOST.*host: TRUBRICS_CLOUD.*TRUBRICS_API_KEY/,
      );
      expect(create).not.toThrow(KEY);
    },
  );

  test('trubricsIngestion sends to the hosted service only when it is named', async () => {
    const urls: string[] = [];
    const fetch = (url: unknown) => {
      urls.push(String(url));
      return Promise.resolve(new Response('{}'));
    };
    await send(trubricsIngestion({ apiKey: KEY, host: TRUBRICS_CLOUD, fetch }), promptEntry('a'));
    expect(urls).toEqual([`${TRUBRICS_CLOUD}/publish_llm_events`]);
  });

  test('trubricsIngestion takes key, host and project from the environment', async () => {
    const server = await serve();
    vi.stubEnv('TRUBRICS_API_KEY', ` ${KEY}\n`);
    vi.stubEnv('TRUBRICS_HOST', server.url);
    vi.stubEnv('TRUBRICS_PROJECT', 'shop');
    const destination = trubricsIngestion();
    await send(destination, promptEntry('a'));
    expect(server.requests[0]?.headers['x-api-key']).toBe(KEY);
    expect(destination.name).toBe('trubrics:shop');
    const named = trubricsIngestion({ apiKey: 'other', host: `${server.url}/api`, project: 'mine' });
    await send(named, promptEntry('a'));
    expect(server.requests[1]).toMatchObject({
      path: '/api/publish_llm_events',
      headers: { 'x-api-key': 'other' },
    });
    expect(named.name).toBe('trubrics:mine');
  });

  test.each([
    'http://localhost:4321',
    'http://127.0.0.1:4321/api/ingestion',
    'http://127.9.9.9',
    'http://127.1:80',
    'http://[::1]:4321',
    'http://LOCALHOST',
  ])('trubricsIngestion needs neither key nor TLS for %s', (host) => {
    expect(trubricsIngestion({ host }).name).toBe('trubrics');
  });

  test.each([
    'http://trubrics.example',
    'http://127.0.0.1.evil.example',
    'http://localhost.example',
    'http://10.0.0.1',
  ])('trubricsIngestion refuses to send the key unencrypted to %s without allowInsecure', (host) => {
    expect(() => trubricsIngestion({ apiKey: KEY, host })).toThrow(
      /^Option "host" must be .*, not "http:.*plain http, .* allowInsecure: true \(TRUBRICS_ALLOW_INSECURE=true\)/,
    );
    expect(trubricsIngestion({ apiKey: KEY, host, allowInsecure: true }).name).toBe('trubrics');
  });

  test.each<[string, object, RegExp]>([
    [
      'a misspelt option',
      { apikey: KEY },
      /^There is no option "apikey"; did you mean "apiKey"\? Options are: apiKey, host, /,
    ],
    ['the key in place of the options', KEY as never, /^The options must be an object/],
    [
      'a host without a scheme',
      { host: 'trubrics.example/api' },
      /^Option "host" must be an http\(s\) URL, .* not "trubrics.example\/api"\./,
    ],
    [
      'a host that looks like a scheme',
      { host: 'localhost:4321' },
      /^Option "host" must be an http\(s\) URL, .* not "localhost:4321"\./,
    ],
    ['a host that is a file', { host: 'file:///tmp' }, /^Option "host" must be .* not "file:\/\/\/tmp"\./],
    ['a host that is no text', { host: 7 }, /^Option "host" must be .* not 7\./],
    [
      'a host with a query',
      { host: 'https://trubrics.example?a=1' },
      /^Option "host" must be .* not a URL with "\?"/,
    ],
    [
      'a host with a password',
      { host: `https://me:${KEY}@trubrics.example` },
      /^Option "host" must be .* not a URL with user name or password/,
    ],
    [
      'a key in the place of the host',
      { host: KEY },
      /^Option "host" must be .* not a string of 23 characters\./,
    ],
    [
      'a key that is no text',
      { apiKey: 7 },
      /^Option "apiKey" must be a string of .*, not the value given, of type number\./,
    ],
    [
      'a key with a line break inside',
      { apiKey: `${KEY}\n${KEY}` },
      /^Option "apiKey" must be a string of .*, not the value given, of type string\./,
    ],
    [
      'a key with letters no header carries',
      { apiKey: `${KEY}–` },
      /^Option "apiKey" must be a string of .*, not the value given, of type string\./,
    ],
    [
      'allowInsecure as text',
      { apiKey: KEY, allowInsecure: 'yes' },
      /^Option "allowInsecure" must be true or false, not "yes"\./,
    ],
    [
      'fetch as text',
      { apiKey: KEY, fetch: 'node-fetch' },
      /^Option "fetch" must be a function, not "node-fetch"\./,
    ],
    [
      'an empty event name',
      { apiKey: KEY, promptEventName: '' },
      /^Option "promptEventName" must be a non-empty string, not an empty string\./,
    ],
    [
      'an event name that is no text',
      { apiKey: KEY, generationEventName: {} },
      /^Option "generationEventName" must be a non-empty string, not an object\./,
    ],
  ])('trubricsIngestion refuses %s, without repeating the key', (_, options, message) => {
    let error: unknown;
    try {
      trubricsIngestion(options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toMatch(message);
    expect((error as TypeError).message).not.toContain(KEY);
  });

  test('trubricsIngestion trims the line break of a key that comes from a file', async () => {
    const server = await serve();
    await send(trubricsIngestion({ apiKey: `${KEY}\n`, host: server.url }), promptEntry('a'));
    expect(server.requests[0]?.headers['x-api-key']).toBe(KEY);
  });

  test('trubricsIngestion does not show its key when it is printed', async () => {
    const server = await serve();
    await server.close();
    const destination = trubricsIngestion({ apiKey: KEY, host: server.url, project: 'my project' });
    const error = await send(destination, promptEntry('a')).catch((error: unknown) => error);
    for (const text of [
      inspect(destination, { depth: 10, showHidden: true }),
      JSON.stringify(destination),
      inspect(error, { depth: 10, showHidden: true }),
      destination.encode({ kind: 'prompt', record: promptRecord() }),
    ]) {
      expect(text).not.toContain(KEY);
    }
    expect(destination.name).toBe('trubrics:my project');
  });
});
