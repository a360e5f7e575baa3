import { HumanMessage, SystemMessage } from '@langchain/core/messages';
import { FakeListChatModel } from '@langchain/core/utils/testing';
import { RunnableLambda } from '@langchain/core/runnables';
import { context, diag, trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { TrubricsSpanProcessor, withTrubrics } from '../../src/index.js';
import { trubricsHandler, type TrubricsHandlerOptions } from '../../src/standalone/index.js';
import { useDiag } from '../support/use-diag.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useScriptedServer } from '../support/use-scripted-server.js';

useContextManager();

beforeEach(() => {
  for (const name of ['TRUBRICS_API_KEY', 'TRUBRICS_HOST', 'TRUBRICS_EMAIL', 'TRUBRICS_PASSWORD'])
    vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  trace.disable();
  diag.disable();
});

function useHandler(options: TrubricsHandlerOptions = {}) {
  const destination = memoryDestination();
  const handler = trubricsHandler({ destination, ...options });
  onTestFinished(() => handler.shutdown());
  return { handler, destination };
}

function model(answer = 'Paris.') {
  return new FakeListChatModel({ responses: [answer] });
}

/** Warnings that the process was given. */
function processWarnings(): string[] {
  const warnings: string[] = [];
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warnings.push(String(warning)));
  return warnings;
}

test('a handler alone records a call with user, conversation, tags and metadata', async () => {
  const { handler, destination } = useHandler({
    tags: ['chat model'],
    userId: 'user-id-1234',
    metadata: { hello: [1, 2] },
  });

  await model().invoke([new SystemMessage('Be brief.'), new HumanMessage('Capital of France?')], {
    callbacks: [handler],
    metadata: { thread_id: 'geography' },
  });
  await handler.flush();

  expect(destination.records).toMatchObject([
    {
      userId: 'user-id-1234',
      threadId: 'geography',
      prompt: 'Capital of France?',
      generation: 'Paris.',
      tags: ['langchain', 'chat model'],
      properties: { hello: [1, 2], dialect: 'gen_ai' },
    },
  ]);
  expect(handler.stats()).toMatchObject({ records: 1, skipped: {} });
});

test('the spelling of the Python guide names user and conversation, and unknown names become metadata', async () => {
  const { handler, destination } = useHandler({
    user_id: 'ada',
    session_id: 's-1',
    some_metadata: { hello: [1, 2] },
  });

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(destination.records).toMatchObject([
    { userId: 'ada', threadId: 's-1', properties: { some_metadata: { hello: [1, 2] } } },
  ]);
});

test('the runs of a chain are spans of one trace below the active span of the caller', async () => {
  const { handler, destination } = useHandler();
  const request = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const chain = RunnableLambda.from((input: string) => input).pipe(model());

  await context.with(trace.setSpanContext(context.active(), request), () =>
    chain.invoke('hi', { callbacks: [handler] }),
  );
  await handler.flush();

  expect(destination.records).toHaveLength(1);
  expect(destination.records[0]?.properties).toMatchObject({ trace_id: request.traceId });
  expect(destination.records[0]?.properties['parent_span_id']).not.toBe(request.spanId);
});

test('turns are records of the whole chain', async () => {
  const { handler, destination } = useHandler({ granularity: 'turn' });
  const chain = model('a rephrased question')
    .pipe(RunnableLambda.from(() => 'again'))
    .pipe(model());

  await chain.invoke('Capital of France?', { callbacks: [handler] });
  await handler.flush();

  expect(destination.records).toMatchObject([{ generation: 'Paris.' }]);
});

test('a registered provider makes the spans: its exporter gets each once, and each call is one record', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  const { handler, destination } = useHandler();

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  const [span] = exporter.getFinishedSpans();
  expect(exporter.getFinishedSpans()).toHaveLength(1);
  expect(destination.records).toHaveLength(1);
  expect(destination.records[0]?.id).toBe(`${span?.spanContext().traceId}-${span?.spanContext().spanId}`);
  expect(span?.attributes['gen_ai.output.messages']).toContain('Paris.');
});

test('a tracer provider given as an option makes the spans instead of the registered one', async () => {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const { handler, destination } = useHandler({ tracerProvider });

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(exporter.getFinishedSpans()).toHaveLength(1);
  expect(destination.records).toHaveLength(1);
});

test('calls that the sampler of the application drops are recorded all the same', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({
      sampler: new AlwaysOffSampler(),
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    }),
  );
  const { handler, destination } = useHandler();

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(exporter.getFinishedSpans()).toEqual([]);
  expect(destination.records).toHaveLength(1);
});

test.each(['span', 'trubrics'] as const)(
  'a TrubricsSpanProcessor of the application makes the record, and it is the only one (content: %s)',
  async (content) => {
    const theirs = memoryDestination();
    const provider = new BasicTracerProvider({
      spanProcessors: [new TrubricsSpanProcessor({ destination: theirs })],
    });
    trace.setGlobalTracerProvider(provider);
    const { handler, destination } = useHandler({ content });

    await model().invoke('hi', { callbacks: [handler] });
    await handler.flush();
    await provider.shutdown();

    expect(theirs.records).toMatchObject([{ prompt: 'hi', generation: 'Paris.' }]);
    expect(destination.records).toEqual([]);
  },
);

test('with content "trubrics" the text reaches the record, and no other exporter', async () => {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  const { handler, destination } = useHandler({ content: 'trubrics' });

  await model().invoke('a private question', { callbacks: [handler] });
  await handler.flush();

  expect(destination.records).toMatchObject([{ prompt: 'a private question', generation: 'Paris.' }]);
  expect(JSON.stringify(exporter.getFinishedSpans()[0]?.attributes)).not.toContain('a private question');
});

test('handlers with equal options share one delivery, others do not', async () => {
  const server = await useScriptedServer();
  const options = { host: server.url, tags: ['a'], flushOnExit: false };
  const first = trubricsHandler(options);
  const second = trubricsHandler({ ...options, tags: ['b'], userId: 'ada' });
  const other = trubricsHandler({ ...options, project: 'other' });

  await model().invoke('one', { callbacks: [first] });
  await model().invoke('two', { callbacks: [second] });
  await first.flush();

  expect(server.requests).toHaveLength(1);
  expect(server.stored.filter((item) => 'prompt' in item)).toHaveLength(2);
  expect(second.stats()).toEqual(first.stats());
  expect(other.stats().records).toBe(0);
  await Promise.all([first.shutdown(), second.shutdown(), other.shutdown()]);
});

test('one call with two handlers of the same options is one record', async () => {
  const destination = memoryDestination();
  const handlers = [trubricsHandler({ destination }), trubricsHandler({ destination })];

  await model().invoke('hi', { callbacks: handlers });
  await handlers[0]?.flush();

  expect(destination.records).toHaveLength(1);
  await Promise.all(handlers.map((handler) => handler.shutdown()));
});

test('a shared delivery goes on until the last handler is shut down, and is made anew after that', async () => {
  const destination = memoryDestination();
  const first = trubricsHandler({ destination });
  const second = trubricsHandler({ destination });

  await first.shutdown();
  await first.shutdown();
  await model().invoke('still', { callbacks: [second] });
  await second.shutdown();
  const third = trubricsHandler({ destination });
  await model().invoke('anew', { callbacks: [third] });
  await third.shutdown();

  expect(destination.records.map(({ prompt }) => prompt)).toEqual(['still', 'anew']);
});

test('shutdown records a stream that nobody read to the end', async () => {
  const { handler, destination } = useHandler();
  const stream = await new FakeListChatModel({ responses: ['abc'] }).stream('hi', { callbacks: [handler] });
  for await (const _ of stream) break;

  await handler.shutdown();

  expect(destination.records).toMatchObject([{ prompt: 'hi' }]);
});

test('the user on the request span of the application is found, also for a model inside a chain', async () => {
  const provider = new BasicTracerProvider();
  trace.setGlobalTracerProvider(provider);
  const { handler, destination } = useHandler();
  const chain = RunnableLambda.from((input: string) => input).pipe(model());
  const request = provider
    .getTracer('http')
    .startSpan('POST /chat', { attributes: { 'enduser.id': 'grace' } });
  request.setAttribute('session.id', 's-7');

  await context.with(trace.setSpan(context.active(), request), () =>
    withTrubrics({ tags: ['web'] }, () => chain.invoke('hi', { callbacks: [handler] })),
  );
  request.end();
  await handler.flush();

  expect(destination.records).toMatchObject([
    {
      userId: 'grace',
      threadId: 's-7',
      tags: ['web', 'langchain'],
      properties: { trace_id: request.spanContext().traceId },
    },
  ]);
});

test('a call below a span that opts out is not recorded', async () => {
  const provider = new BasicTracerProvider();
  trace.setGlobalTracerProvider(provider);
  const { handler, destination } = useHandler();
  const request = provider
    .getTracer('http')
    .startSpan('POST /chat', { attributes: { 'trubrics.record': false } });

  await context.with(trace.setSpan(context.active(), request), () =>
    model().invoke('hi', { callbacks: [handler] }),
  );
  await handler.flush();

  expect(destination.records).toEqual([]);
  expect(handler.stats()).toMatchObject({ skipped: { opted_out: 1 } });
});

test('feedback reaches the same destination', async () => {
  const { handler, destination } = useHandler();

  handler.trackFeedback({ threadId: 't-1', userId: 'ada', score: '👍' });
  await handler.flush();

  expect(destination.events).toMatchObject([{ event: 'Feedback', userId: 'ada', threadId: 't-1' }]);
});

test('without a key or a host nothing is thrown: one warning says what to do, and calls are counted', async () => {
  const warnings = processWarnings();
  const handler = trubricsHandler();
  trubricsHandler({ tags: ['another'] });

  await model().invoke('hi', { callbacks: [handler] });
  handler.trackFeedback({ threadId: 't', score: '👍' });
  await handler.flush();
  await handler.shutdown();

  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('TRUBRICS_API_KEY');
  expect(warnings[0]).toContain('TRUBRICS_HOST');
  expect(warnings[0]).toContain('npx opentelemetry-exporter-trubrics dev');
  expect(handler.stats()).toMatchObject({ records: 0, skipped: { no_destination: 1 } });
});

test('half an account is a missing setting, named in the warning', () => {
  const warnings = processWarnings();

  expect(() => trubricsHandler({ email: 'ada@example.org', project: 'default' })).not.toThrow();

  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('TRUBRICS_PASSWORD');
});

test('an option of a wrong kind is an error at once, of handler and processor alike', () => {
  expect(() => trubricsHandler({ flushAt: -1, host: 'http://127.0.0.1:1' })).toThrow(/flushAt/);
  expect(() => trubricsHandler({ tags: 'a' as never, host: 'http://127.0.0.1:1' })).toThrow(/tags/);
  expect(() => trubricsHandler({ userId: '', host: 'http://127.0.0.1:1' })).toThrow(/userId/);
  expect(() => trubricsHandler({ tracerProvider: {} as never, host: 'http://127.0.0.1:1' })).toThrow(
    /tracerProvider/,
  );
});

test.each([null, 'secret-key', ['secret-key']])('options that are no object are an error: %j', (options) => {
  expect(() => trubricsHandler(options as never)).toThrow(/^The options must be an object, not (?!.*secret)/);
});

test('a handler that is refused leaves no delivery behind', () => {
  const lines = useDiag();
  for (let index = 0; index < 50; index += 1)
    expect(() => trubricsHandler({ destination: memoryDestination(), tags: 'a' as never })).toThrow(
      TypeError,
    );

  expect(lines).toEqual([]);
});

test('options that are undefined or empty texts count as not given', async () => {
  const unset: string | undefined = undefined;
  const { handler, destination } = useHandler({ project: '' });

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(destination.records[0]?.properties).not.toHaveProperty('project');
  const withoutHost = trubricsHandler({
    apiKey: '',
    host: '',
    session_id: unset,
    userId: unset,
    tags: unset,
  });
  expect(withoutHost.stats().destinations).toEqual([]);
});

test('options that contain themselves are accepted', async () => {
  const properties: Record<string, unknown> = { plan: 'free' };
  properties['self'] = properties;
  const { handler, destination } = useHandler({ properties });

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(destination.records).toMatchObject([{ properties: { plan: 'free' } }]);
});

test('a misspelt option is warned of by name, and a misspelt key reaches no record', async () => {
  const warnings = processWarnings();
  const { handler, destination } = useHandler({ thread: 't', userid: 'ada', api_key: 'secret-key' });

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(warnings.join('\n')).toContain('no option "userid"; did you mean "userId"?');
  expect(warnings.join('\n')).toContain('no option "api_key"; did you mean "apiKey"?');
  expect(JSON.stringify(destination.records)).not.toContain('secret-key');
  expect(destination.records).toMatchObject([{ properties: { thread: 't', userid: 'ada' } }]);
});

test('usual names of metadata are no misspelt options', () => {
  const warnings = processWarnings();
  const names =
    'cost post subject context error react contents projects school hosts emails topic plan team tenant region release version path';

  useHandler(Object.fromEntries(names.split(' ').map((name) => [name, ['x']])));

  expect(warnings).toEqual([]);
});

test('a record names the service and the resource that the environment gives', async () => {
  vi.stubEnv('OTEL_SERVICE_NAME', 'shop');
  vi.stubEnv(
    'OTEL_RESOURCE_ATTRIBUTES',
    'deployment.environment.name=staging%201,service.version=1.4.0,service.name=other,broken,=x',
  );
  const { handler, destination } = useHandler();

  await model().invoke('hi', { callbacks: [handler] });
  await handler.flush();

  expect(destination.records).toMatchObject([
    { properties: { service_name: 'shop', service_version: '1.4.0', environment: 'staging 1' } },
  ]);
});

test('fifty sets of options are warned of, because each has a delivery of its own', () => {
  const lines = useDiag();
  const handlers = Array.from({ length: 50 }, () => trubricsHandler({ destination: memoryDestination() }));

  expect(lines.filter(({ text }) => text.includes('different sets of options'))).toHaveLength(1);
  return Promise.all(handlers.map((handler) => handler.shutdown()));
});

test('an opt-out on the span of the application holds for calls below it that wait to be sent', async () => {
  const provider = new BasicTracerProvider();
  trace.setGlobalTracerProvider(provider);
  const { handler, destination } = useHandler({ flushAt: 20 });
  const request = provider.getTracer('http').startSpan('POST /chat');

  await context.with(trace.setSpan(context.active(), request), () =>
    model().invoke('hi', { callbacks: [handler] }),
  );
  request.setAttribute('trubrics.record', false);
  request.end();
  await handler.flush();

  expect(destination.records).toEqual([]);
  expect(handler.stats().destinations).toMatchObject([{ dropped: { opted_out: 1 } }]);
});
