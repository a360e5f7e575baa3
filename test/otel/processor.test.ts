import { context, SpanKind, trace, type Attributes, type Tracer } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { describe, expect, test } from 'vitest';
import type { TrubricsOptions } from '../../src/config/options.js';
import type { Destination, Entry } from '../../src/destinations/destination.js';
import { withTrubrics } from '../../src/identity/with-trubrics.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { chat, endChat, startChat, userMessage } from '../support/trace-sketch.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useDiag } from '../support/use-diag.js';
import { useProvider } from '../support/use-provider.js';
import { useServer } from '../support/use-server.js';

useContextManager();

/** A provider whose records go to a real server. */
async function useServerAndProvider(options: TrubricsOptions = {}) {
  const server = await useServer();
  const resource = resourceFromAttributes({
    'service.name': 'shop',
    'service.version': '1.4.0',
    'deployment.environment.name': 'test',
  });
  return { server, ...useProvider({ host: server.ingestionUrl, flushAt: 20, ...options }, { resource }) };
}

/** Traces a call whose answer is `re: ` and the question. */
function ask(tracer: Tracer, text: string, attributes: Attributes = {}, below = context.active()): void {
  chat(tracer, { prompt: text, answer: `re: ${text}`, attributes, below });
}

describe('TrubricsSpanProcessor', () => {
  test('the processor delivers one record for each LLM span and none for other spans', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    tracer.startSpan('GET /').end();
    ask(tracer, 'hello', { 'user.id': 'ada' });
    await processor.forceFlush();
    expect(server.records()).toMatchObject([
      {
        kind: 'prompt',
        userId: 'ada',
        prompt: 'hello',
        generation: 're: hello',
        assistantId: 'gpt-4o-mini',
        properties: {
          service_name: 'shop',
          service_version: '1.4.0',
          environment: 'test',
          dialect: 'gen_ai',
        },
      },
    ]);
    expect(processor.stats()).toMatchObject({ records: 1, destinations: [{ accepted: 1, delivered: 1 }] });
  });

  test('the processor finds the user on a span above that got it late and ended early', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    const request = tracer.startSpan('POST /chat', { kind: SpanKind.SERVER });
    const inRequest = trace.setSpan(context.active(), request);
    const call = startChat(tracer, { below: inRequest });
    request.setAttribute('enduser.id', 'late');
    request.end();
    endChat(call, { prompt: 'who am I?' });
    await processor.forceFlush();
    expect(server.records()).toMatchObject([{ userId: 'late', prompt: 'who am I?' }]);
  });

  test('the processor takes user and thread from withTrubrics, apart for concurrent requests', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    const users = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    await Promise.all(
      users.map((userId) =>
        withTrubrics(
          { userId, threadId: `${userId}-thread`, tags: ['web'], properties: { plan: 'pro' } },
          async () => {
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
            ask(tracer, `from ${userId}`);
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

  test('the user of a span wins over withTrubrics, and the nearer span over the one above', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    withTrubrics({ userId: 'from-context' }, () => {
      ask(tracer, 'own', { 'user.id': 'own' });
      const outer = tracer.startSpan('outer', { attributes: { 'user.id': 'outer' } });
      ask(tracer, 'above', {}, trace.setSpan(context.active(), outer));
      outer.end();
      ask(tracer, 'nobody');
    });
    await processor.forceFlush();
    expect(server.records().map((record) => record.userId)).toEqual(['own', 'outer', 'from-context']);
  });

  test('the processor counts a call once if a provider instrumentation works below a framework', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    const outer = startChat(tracer, {});
    const http = tracer.startSpan('POST', {}, trace.setSpan(context.active(), outer));
    ask(
      tracer,
      'inner',
      { 'gen_ai.response.model': 'gpt-4o-mini-2024-07-18' },
      trace.setSpan(context.active(), http),
    );
    http.end();
    await processor.forceFlush();
    expect(server.records()).toEqual([]);
    endChat(outer, { prompt: 'outer' });
    await processor.forceFlush();
    expect(server.records()).toMatchObject([
      { prompt: 'outer', generation: 're: inner', assistantId: 'gpt-4o-mini-2024-07-18' },
    ]);
  });

  test('the processor records at shutdown a call below an LLM span that never ends', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    const outer = startChat(tracer, {});
    ask(tracer, 'inner', {}, trace.setSpan(context.active(), outer));
    await processor.shutdown();
    expect(server.records()).toMatchObject([{ prompt: 'inner' }]);
  });

  test('a failed call becomes an event, a record or nothing, by the option errors', async () => {
    const server = await useServer();
    const seen: unknown[] = [];
    for (const errors of ['event', 'record', 'skip'] as const) {
      const { processor, tracer } = useProvider({ host: server.ingestionUrl, errors });
      chat(tracer, { prompt: 'please', error: 'Timeout' });
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

  test('a span without content is counted as no_content and nothing is sent', async () => {
    const { server, processor, tracer } = await useServerAndProvider();
    startChat(tracer, {}).end();
    await processor.forceFlush();
    expect(server.records()).toEqual([]);
    expect(processor.stats()).toMatchObject({ records: 0, skipped: { no_content: 1 } });
  });

  test('redact sees every field before anything is sent, and what it fails on is dropped', async () => {
    const redact = (record: PromptRecord) => {
      if (record.prompt.includes('crash')) throw new Error(record.prompt);
      if (record.prompt.includes('private')) return undefined;
      return { ...record, prompt: record.prompt.replace(/\d+/g, '#') };
    };
    const { server, processor, tracer } = await useServerAndProvider({ redact });
    for (const text of ['call 555', 'crash', 'private']) ask(tracer, text);
    await processor.forceFlush();
    expect(server.records().map((record) => record.kind === 'prompt' && record.prompt)).toEqual(['call #']);
    expect(processor.stats()).toMatchObject({ skipped: { redacted: 1 }, dropped: { redaction_failed: 1 } });
  });

  test('the processor adds project, tags and properties of the options to a record', async () => {
    const { server, processor, tracer } = await useServerAndProvider({
      project: 'shop',
      tags: ['eu'],
      properties: { team: 'search' },
    });
    ask(tracer, 'hi', { 'trubrics.metadata': '{"plan":"pro"}' });
    await processor.forceFlush();
    expect(server.records()[0]).toMatchObject({
      tags: ['eu'],
      properties: { project: 'shop', team: 'search', plan: 'pro' },
    });
  });

  test('the processor sends tracked events to the destination of the records', async () => {
    const { server, processor } = await useServerAndProvider();
    processor.track({ event: 'Sign up', userId: 'ada', properties: { plan: 'pro' } });
    processor.track({ event: '' });
    await processor.forceFlush();
    expect(server.records()).toMatchObject([
      { kind: 'event', event: 'Sign up', userId: 'ada', properties: { plan: 'pro' } },
    ]);
    expect(processor.stats().skipped.invalid_event).toBe(1);
  });

  test('the processor sends everything to every destination', async () => {
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
    const { processor, tracer } = useProvider({ destination: [copy, failing] });
    ask(tracer, 'hi');
    await processor.forceFlush();
    expect(copies).toMatchObject([{ kind: 'prompt', record: { prompt: 'hi' } }]);
    expect(processor.stats().destinations).toMatchObject([
      { destination: 'copy', delivered: 1 },
      { destination: 'bad', delivered: 0, dropped: { http_error: 1 } },
    ]);
  });

  test('the processor waits for a resource that is still being detected', async () => {
    const detected = new Promise<string>((resolve) => setTimeout(() => resolve('late-service'), 20));
    const resource = resourceFromAttributes({ 'service.name': detected });
    const { processor, destination, tracer } = useProvider({}, { resource });
    ask(tracer, 'hi');
    await processor.forceFlush();
    expect(destination.records[0]?.properties.service_name).toBe('late-service');
  });

  test('the processor changes no span, so that other processors see what they would see without it', async () => {
    const seen: string[] = [];
    const other: SpanProcessor = {
      onStart: () => undefined,
      onEnd: (span) => void seen.push(JSON.stringify(span.attributes)),
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    const { tracer } = useProvider({}, { spanProcessors: [other] });
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'm',
      'gen_ai.input.messages': JSON.stringify([userMessage('hi')]),
    };
    tracer.startSpan('chat', { attributes }).end();
    expect(seen).toEqual([JSON.stringify(attributes)]);
  });

  test('the processor does not record spans of its own requests', async () => {
    const { server, processor, tracer } = await useServerAndProvider({
      fetch: (...args) => {
        tracer.startSpan('POST /publish_llm_events').end();
        return fetch(...args);
      },
    });
    ask(tracer, 'hi');
    await processor.forceFlush();
    expect(server.records()).toHaveLength(1);
  });

  test('the processor lets no error of its own reach the application', () => {
    const { processor } = useProvider();
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

  test('the processor warns once that an LLM call has no user', async () => {
    const lines = useDiag();
    const { processor, tracer } = useProvider();
    ask(tracer, 'first secret');
    ask(tracer, 'second secret');
    await processor.forceFlush();
    const warnings = lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
    expect(warnings.filter((warning) => warning.includes('anonymous'))).toHaveLength(1);
    expect(warnings.join()).not.toContain('secret');
  });

  test('a disabled processor does nothing at all', async () => {
    const processor = new TrubricsSpanProcessor({ disabled: true });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    ask(provider.getTracer('test'), 'hi');
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
