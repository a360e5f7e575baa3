import {
  context,
  diag,
  DiagLogLevel,
  SpanKind,
  SpanStatusCode,
  trace,
  type DiagLogger,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOffSampler, BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withTrubrics } from '../../src/identity/with-trubrics.js';
import type { Destination, Entry } from '../../src/destinations/destination.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { startServer, type RunningServer } from '../../src/server/index.js';

const CHAT = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o-mini',
};

const question = (text: string) =>
  JSON.stringify([{ role: 'user', parts: [{ type: 'text', content: text }] }]);
const answer = (text: string) =>
  JSON.stringify([{ role: 'assistant', parts: [{ type: 'text', content: text }] }]);

let server: RunningServer;
const open: BasicTracerProvider[] = [];

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
beforeEach(async () => {
  server = await startServer({ port: 0 });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((provider) => provider.shutdown()));
  await server.close();
});

function setUp(options: TrubricsOptions = {}, ...others: SpanProcessor[]) {
  const processor = new TrubricsSpanProcessor({ host: server.ingestionUrl, ...options });
  // The compiler proves here that the structural class is a real SpanProcessor.
  const provider = new BasicTracerProvider({
    spanProcessors: [...others, processor],
    resource: resourceFromAttributes({ 'service.name': 'shop', 'deployment.environment.name': 'test' }),
  });
  open.push(provider);
  return { processor, provider, tracer: provider.getTracer('test') };
}

type Tracer = ReturnType<typeof setUp>['tracer'];

function chat(
  tracer: Tracer,
  text: string,
  attributes: Record<string, string> = {},
  ctx = context.active(),
): void {
  const span = tracer.startSpan(
    'chat gpt-4o-mini',
    { kind: SpanKind.CLIENT, attributes: { ...CHAT, ...attributes } },
    ctx,
  );
  span.setAttributes({
    'gen_ai.input.messages': question(text),
    'gen_ai.output.messages': answer(`re: ${text}`),
  });
  span.end();
}

describe('TrubricsSpanProcessor', () => {
  it('delivers one record for each LLM span and none for others', async () => {
    const { processor, tracer } = setUp();
    tracer.startSpan('GET /').end();
    chat(tracer, 'hello', { 'user.id': 'ada' });
    await processor.forceFlush();
    expect(server.records()).toMatchObject([
      {
        kind: 'prompt',
        userId: 'ada',
        prompt: 'hello',
        generation: 're: hello',
        assistantId: 'gpt-4o-mini',
        properties: { service_name: 'shop', environment: 'test', dialect: 'gen_ai' },
      },
    ]);
    expect(processor.stats()).toMatchObject({ records: 1, destinations: [{ accepted: 1, delivered: 1 }] });
  });

  it('finds the user on a span above that learns it only later, and that has ended before', async () => {
    const { processor, tracer } = setUp();
    const request = tracer.startSpan('POST /chat', { kind: SpanKind.SERVER });
    const inRequest = trace.setSpan(context.active(), request);
    const span = tracer.startSpan('chat', { attributes: CHAT }, inRequest);
    request.setAttribute('enduser.id', 'late');
    request.end();
    span.setAttribute('gen_ai.input.messages', question('who am I?'));
    span.end();
    await processor.forceFlush();
    expect(server.records()).toMatchObject([{ userId: 'late', prompt: 'who am I?' }]);
  });

  it('takes who is asking from withTrubrics, for concurrent requests apart', async () => {
    const { processor, tracer } = setUp();
    const users = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    await Promise.all(
      users.map((userId) =>
        withTrubrics(
          { userId, threadId: `${userId}-thread`, tags: ['web'], properties: { plan: 'pro' } },
          async () => {
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
            chat(tracer, `from ${userId}`);
          },
        ),
      ),
    );
    await processor.forceFlush();
    const records = server.records();
    expect(records).toHaveLength(50);
    for (const record of records) {
      expect(record).toMatchObject({
        prompt: `from ${record.userId}`,
        threadId: `${record.userId}-thread`,
        tags: ['web'],
      });
      expect(record.properties.plan).toBe('pro');
    }
  });

  it('lets the span win over withTrubrics, and the nearer span over the one above', async () => {
    const { processor, tracer } = setUp();
    withTrubrics({ userId: 'ambient' }, () => {
      chat(tracer, 'own', { 'user.id': 'own' });
      const outer = tracer.startSpan('outer', { attributes: { 'user.id': 'outer' } });
      chat(tracer, 'above', {}, trace.setSpan(context.active(), outer));
      outer.end();
      chat(tracer, 'nobody');
    });
    await processor.forceFlush();
    expect(server.records().map((record) => record.userId)).toEqual(['own', 'outer', 'ambient']);
  });

  it('counts a call once when a provider instrumentation works below a framework', async () => {
    const { processor, tracer } = setUp();
    const outer = tracer.startSpan('framework', { attributes: CHAT });
    const http = tracer.startSpan('POST', {}, trace.setSpan(context.active(), outer));
    chat(
      tracer,
      'inner',
      { 'gen_ai.response.model': 'gpt-4o-mini-2024-07-18' },
      trace.setSpan(context.active(), http),
    );
    http.end();
    await processor.forceFlush();
    expect(server.records()).toEqual([]);
    outer.setAttribute('gen_ai.input.messages', question('outer'));
    outer.end();
    await processor.forceFlush();
    expect(server.records()).toMatchObject([
      { prompt: 'outer', generation: 're: inner', assistantId: 'gpt-4o-mini-2024-07-18' },
    ]);
  });

  it('records a call below one that never ends when it is shut down', async () => {
    const { processor, tracer } = setUp();
    const outer = tracer.startSpan('framework', { attributes: CHAT });
    chat(tracer, 'inner', {}, trace.setSpan(context.active(), outer));
    await processor.shutdown();
    expect(server.records()).toMatchObject([{ prompt: 'inner' }]);
  });

  it('turns a failed call into an event, a record or nothing, as it is told', async () => {
    const seen: unknown[] = [];
    for (const errors of ['event', 'record', 'skip'] as const) {
      const { processor, tracer } = setUp({ errors });
      const span = tracer.startSpan('chat', {
        attributes: { ...CHAT, 'gen_ai.input.messages': question('please'), 'error.type': 'Timeout' },
      });
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'timed out' });
      span.end();
      await processor.forceFlush();
      seen.push(server.records().at(-1), processor.stats().skipped.error);
    }
    expect(seen[0]).toMatchObject({
      kind: 'event',
      event: 'LLM error',
      properties: { prompt: 'please', model: 'gpt-4o-mini', error_type: 'Timeout' },
    });
    expect(seen[2]).toMatchObject({
      kind: 'prompt',
      prompt: 'please',
      generation: '',
      properties: { error_type: 'Timeout' },
    });
    expect(seen[5]).toBe(1);
    expect(server.records()).toHaveLength(2);
  });

  it('counts a span without content and sends nothing', async () => {
    const { processor, tracer } = setUp();
    tracer.startSpan('chat', { attributes: CHAT }).end();
    await processor.forceFlush();
    expect(server.records()).toEqual([]);
    expect(processor.stats()).toMatchObject({ records: 0, skipped: { no_content: 1 } });
  });

  it('shows every field to redact before anything leaves, and drops what redact fails on', async () => {
    const redact = (record: PromptRecord) => {
      if (record.prompt.includes('crash')) throw new Error(record.prompt);
      if (record.prompt.includes('private')) return undefined;
      return { ...record, prompt: record.prompt.replace(/\d+/g, '#') };
    };
    const { processor, tracer } = setUp({ redact });
    for (const text of ['call 555', 'crash', 'private']) chat(tracer, text);
    await processor.forceFlush();
    expect(server.records().map((record) => record.kind === 'prompt' && record.prompt)).toEqual(['call #']);
    expect(processor.stats()).toMatchObject({ skipped: { redacted: 1 }, dropped: { redaction_failed: 1 } });
  });

  it('adds the project, tags and properties of the options', async () => {
    const { processor, tracer } = setUp({ project: 'shop', tags: ['eu'], properties: { team: 'search' } });
    chat(tracer, 'hi', { 'trubrics.metadata': '{"plan":"pro"}' });
    await processor.forceFlush();
    expect(server.records()[0]).toMatchObject({
      tags: ['eu'],
      properties: { project: 'shop', team: 'search', plan: 'pro' },
    });
  });

  it('sends events of the application to the same place', async () => {
    const { processor } = setUp();
    processor.track({ event: 'Sign up', userId: 'ada', properties: { plan: 'pro' } });
    processor.track({ event: '' });
    await processor.forceFlush();
    expect(server.records()).toMatchObject([
      { kind: 'event', event: 'Sign up', userId: 'ada', properties: { plan: 'pro' } },
    ]);
    expect(processor.stats().skipped.invalid_event).toBe(1);
  });

  it('sends everything to every destination', async () => {
    const copies: Entry[] = [];
    const copy: Destination = {
      name: 'copy',
      encode: (entry) => JSON.stringify(copies.push(entry)),
      send: () => Promise.resolve(),
    };
    const failing: Destination = {
      name: 'bad',
      encode: () => '{}',
      send: () => Promise.resolve({ status: 404 }),
    };
    const { processor, tracer } = setUp({ destination: [copy, failing] });
    chat(tracer, 'hi');
    await processor.forceFlush();
    expect(copies).toMatchObject([{ kind: 'prompt', record: { prompt: 'hi' } }]);
    expect(processor.stats().destinations).toMatchObject([
      { destination: 'copy', delivered: 1 },
      { destination: 'bad', delivered: 0, dropped: { http_error: 1 } },
    ]);
  });

  it('waits for a resource that is still being detected', async () => {
    const processor = new TrubricsSpanProcessor({ host: server.ingestionUrl });
    const detected = new Promise<string>((resolve) => setTimeout(() => resolve('late-service'), 20));
    const provider = new BasicTracerProvider({
      spanProcessors: [processor],
      resource: resourceFromAttributes({ 'service.name': detected }),
    });
    open.push(provider);
    chat(provider.getTracer('test'), 'hi');
    await processor.forceFlush();
    expect(server.records()[0]?.properties.service_name).toBe('late-service');
  });

  it('changes no span, and other processors see what they would see without it', async () => {
    const seen: string[] = [];
    const other: SpanProcessor = {
      onStart: () => undefined,
      onEnd: (span) => void seen.push(JSON.stringify(span.attributes)),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const { tracer } = setUp({}, other);
    const attributes = { ...CHAT, 'gen_ai.input.messages': question('hi') };
    tracer.startSpan('chat', { attributes }).end();
    expect(seen).toEqual([JSON.stringify(attributes)]);
  });

  it('does not record spans of its own requests', async () => {
    const { processor, tracer } = setUp({
      fetch: (...args) => {
        tracer.startSpan('POST /publish_llm_events').end();
        return fetch(...args);
      },
    });
    chat(tracer, 'hi');
    await processor.forceFlush();
    expect(server.records()).toHaveLength(1);
  });

  it('never lets an error of its own reach the application', () => {
    const { processor } = setUp();
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(() => processor.onStart(hostile as never, context.active())).not.toThrow();
    expect(() => processor.onEnd(hostile as never)).not.toThrow();
    expect(() => processor.track(hostile as never)).not.toThrow();
  });

  it('warns once that nobody says who asked', async () => {
    const warnings: string[] = [];
    const silent = () => undefined;
    const logger: DiagLogger = {
      debug: silent,
      error: silent,
      info: silent,
      verbose: silent,
      warn: (...args) => void warnings.push(args.join(' ')),
    };
    diag.setLogger(logger, DiagLogLevel.WARN);
    const { processor, tracer } = setUp();
    chat(tracer, 'first secret');
    chat(tracer, 'second secret');
    await processor.forceFlush();
    diag.disable();
    expect(warnings.filter((warning) => warning.includes('anonymous'))).toHaveLength(1);
    expect(warnings.join()).not.toContain('secret');
  });

  it('does nothing at all when it is disabled', async () => {
    const processor = new TrubricsSpanProcessor({ disabled: true });
    const provider = new BasicTracerProvider({
      spanProcessors: [processor],
      sampler: new AlwaysOffSampler(),
    });
    chat(provider.getTracer('test'), 'hi');
    await provider.shutdown();
    expect(processor.stats()).toEqual({
      records: 0,
      events: 0,
      skipped: {},
      dropped: { redaction_failed: 0 },
      destinations: [],
    });
  });
});
