import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TrubricsClient } from '../../src/client/client.js';
import { withTrubrics } from '../../src/identity/with-trubrics.js';
import { TrubricsLogRecordProcessor } from '../../src/otel/log-processor.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { TrubricsSpanProcessor } from '../../src/otel/processor.js';
import type { FeedbackInput } from '../../src/records/feedback/to-feedback-event.js';
import { startServer, type RunningServer } from '../../src/server/index.js';
import { memoryDestination } from '../support/memory-destination.js';
import { agent, around, chat, endChat, startChat } from '../support/trace-sketch.js';

const open: BasicTracerProvider[] = [];

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
afterEach(() => Promise.all(open.splice(0).map((provider) => provider.shutdown())));

function setUp(options: TrubricsOptions = {}) {
  const destination = memoryDestination();
  const processor = new TrubricsSpanProcessor({ destination, flushAt: 1, ...options });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  open.push(provider);
  const send = async (feedback: FeedbackInput) => {
    processor.trackFeedback(feedback);
    await processor.forceFlush();
    return destination.events.at(-1);
  };
  return { processor, destination, send, tracer: provider.getTracer('test') };
}

const EVALUATION = 'gen_ai.evaluation.result';

describe('trackFeedback', () => {
  it.each<[FeedbackInput['score'], object]>([
    ['👍', { score: 1, label: '👍', feedback_type: 'thumbs' }],
    ['👎', { score: -1, label: '👎', feedback_type: 'thumbs' }],
    [true, { score: 1, label: '👍', feedback_type: 'thumbs' }],
    [false, { score: -1, label: '👎', feedback_type: 'thumbs' }],
    ['😞', { score: -1, label: '😞', feedback_type: 'faces' }],
    ['🙁', { score: -0.5, label: '🙁', feedback_type: 'faces' }],
    ['😐', { score: 0, label: '😐', feedback_type: 'faces' }],
    ['🙂', { score: 0.5, label: '🙂', feedback_type: 'faces' }],
    ['😀', { score: 1, label: '😀', feedback_type: 'faces' }],
    [4, { score: 4, feedback_type: 'score' }],
  ])('says what %s means', async (score, properties) => {
    const { send } = setUp();
    const event = await send({
      recordId: 'trace-span',
      userId: 'ada',
      threadId: 't',
      score,
      component: 'chat',
    });
    expect(event).toMatchObject({ event: 'Feedback', userId: 'ada', threadId: 't' });
    expect(event?.properties).toEqual({ ...properties, component: 'chat', record_id: 'trace-span' });
  });

  it('takes words alone', async () => {
    const { send } = setUp();
    const event = await send({ threadId: 't', comment: 'Just what I needed.' });
    expect(event).toMatchObject({
      userId: 'anonymous',
      threadId: 't',
      properties: { comment: 'Just what I needed.', feedback_type: 'textbox' },
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'good'],
    ['no target', { score: '👍' }],
    ['nothing said', { recordId: 'a-b' }],
    ['a score that is none', { recordId: 'a-b', score: Number.NaN }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'recordId', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('counts what is no feedback: %s', async (_case, feedback) => {
    const { processor, destination } = setUp();
    expect(() => processor.trackFeedback(feedback as FeedbackInput)).not.toThrow();
    await processor.forceFlush();
    expect(destination.events).toEqual([]);
  });

  it('finds the record by the span of the call, of the request around it, and of a call inside its turn', async () => {
    const { processor, destination, tracer, send } = setUp();
    const ids: Record<string, FeedbackInput['spanContext']> = {};
    around(
      tracer,
      'POST /chat',
      {},
      (below) => {
        ids.request = trace.getSpanContext(below);
        ids.call = chat(tracer, { prompt: 'q', answer: 'a', below }).spanContext();
      },
      { kind: SpanKind.SERVER },
    );
    await processor.forceFlush();
    const [record] = destination.records;
    for (const name of ['request', 'call'])
      expect((await send({ spanContext: ids[name], score: '👍' }))?.properties).toMatchObject({
        record_id: record?.id,
        trace_id: ids.call?.traceId,
      });

    const turns = setUp({ granularity: 'turn' });
    around(turns.tracer, 'agent', agent('a'), (below) => {
      ids.step = chat(turns.tracer, { prompt: 'q', toolCalls: ['t'], below }).spanContext();
      chat(turns.tracer, { prompt: 'q', answer: 'a', below });
    });
    await turns.processor.forceFlush();
    const event = await turns.send({ spanContext: ids.step, score: '👍' });
    expect(event?.properties.record_id).toBe(turns.destination.records[0]?.id);
    expect(event?.properties.record_id).not.toContain(ids.step?.spanId);
  });

  it('refers to a span that another process recorded by its id', async () => {
    const { send } = setUp();
    const event = await send({ spanContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }, score: 1 });
    expect(event?.properties.record_id).toBe(`${'a'.repeat(32)}-${'b'.repeat(16)}`);
  });

  it('lets redact see the comment, and loses nothing but what it removes', async () => {
    const { send, processor } = setUp({
      redact: (record) =>
        record.prompt.includes('drop')
          ? undefined
          : { ...record, prompt: record.prompt.replaceAll('Ada', '***') },
    });
    expect((await send({ recordId: 'a-b', score: 1, comment: 'I am Ada' }))?.properties).toEqual({
      score: 1,
      comment: 'I am ***',
      feedback_type: 'score',
      record_id: 'a-b',
    });
    await send({ recordId: 'a-b', comment: 'drop this' });
    expect(processor.stats()).toMatchObject({ events: 1, skipped: { redacted: 1 } });
  });
});

describe('an evaluation', () => {
  const result = {
    'gen_ai.evaluation.name': 'relevance',
    'gen_ai.evaluation.score.value': 0.8,
    'gen_ai.evaluation.score.label': 'relevant',
    'gen_ai.evaluation.explanation': 'On topic.',
  };
  const properties = {
    score: 0.8,
    label: 'relevant',
    comment: 'On topic.',
    component: 'relevance',
    feedback_type: 'evaluation',
  };

  it('on the span of a call is feedback about its record, from the same user', async () => {
    const { processor, destination, tracer } = setUp();
    const sketch = {
      prompt: 'q',
      answer: 'a',
      attributes: { 'user.id': 'ada', 'gen_ai.conversation.id': 't' },
    };
    const span = startChat(tracer, sketch);
    span.addEvent(EVALUATION, result);
    span.addEvent(EVALUATION, { 'gen_ai.evaluation.name': 'without a result' });
    endChat(span, sketch);
    await processor.forceFlush();
    expect(destination.events).toMatchObject([
      {
        event: 'Feedback',
        userId: 'ada',
        threadId: 't',
        properties: { ...properties, record_id: destination.records[0]?.id },
      },
    ]);
  });

  it('on any span of a turn is about the turn', async () => {
    const { processor, destination, tracer } = setUp({ granularity: 'turn' });
    const span = tracer.startSpan('agent', { attributes: agent('a') });
    const below = trace.setSpan(ROOT_CONTEXT, span);
    const sketch = { prompt: 'q', answer: 'a', below };
    const call = startChat(tracer, sketch);
    call.addEvent(EVALUATION, result);
    endChat(call, sketch);
    span.addEvent(EVALUATION, result);
    span.end();
    await processor.forceFlush();
    const id = destination.records[0]?.id;
    expect(destination.events.map((event) => event.properties.record_id)).toEqual([id, id]);
  });

  it('on a span around or below a call is about the call', async () => {
    const { processor, destination, tracer } = setUp();
    const root = tracer.startSpan('pipeline');
    const call = startChat(tracer, { below: trace.setSpan(ROOT_CONTEXT, root) });
    const judge = tracer.startSpan('judge', {}, trace.setSpan(ROOT_CONTEXT, call));
    judge.addEvent(EVALUATION, result);
    judge.end();
    endChat(call, { prompt: 'q', answer: 'a' });
    root.addEvent(EVALUATION, result);
    root.end();
    await processor.forceFlush();
    const id = destination.records[0]?.id;
    expect(destination.events.map((event) => event.properties.record_id)).toEqual([id, id]);
  });

  it('in a log record is about the span it belongs to, or the response it names, also after that has ended', async () => {
    const { processor, destination, tracer } = setUp();
    const logs = new LoggerProvider({ processors: [new TrubricsLogRecordProcessor(processor)] });
    const attributes = { 'gen_ai.response.id': 'chatcmpl-1' };
    const call = chat(tracer, { prompt: 'q', answer: 'a', attributes });
    await processor.forceFlush();
    const logger = logs.getLogger('evaluator');
    logger.emit({ eventName: EVALUATION, attributes: result, context: trace.setSpan(ROOT_CONTEXT, call) });
    const other = tracer.startSpan('evaluation run');
    logger.emit({
      eventName: EVALUATION,
      attributes: { ...result, 'gen_ai.response.id': 'chatcmpl-1' },
      context: trace.setSpan(ROOT_CONTEXT, other),
    });
    other.end();
    await processor.forceFlush();
    const record_id = destination.records[0]?.id;
    expect(destination.events).toMatchObject([
      { properties: { ...properties, record_id } },
      { properties: { ...properties, record_id } },
    ]);
    await logs.shutdown();
  });
});

describe('in the local Trubrics', () => {
  let server: RunningServer;
  beforeEach(async () => {
    server = await startServer({ port: 0 });
  });
  afterEach(() => server.close());

  it('feedback of the processor and of the client stands beside the answer', async () => {
    const processor = new TrubricsSpanProcessor({ host: server.ingestionUrl });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    open.push(provider);
    withTrubrics({ userId: 'ada' }, () => chat(provider.getTracer('test'), { prompt: 'q', answer: 'a' }));
    await processor.forceFlush();
    const [record] = server.records();
    processor.trackFeedback({ recordId: record?.id ?? '', userId: 'ada', score: '👎', comment: 'Wrong.' });
    const client = new TrubricsClient({ host: server.ingestionUrl });
    client.trackFeedback({ recordId: record?.id ?? '', userId: 'grace', score: '👍' });
    await Promise.all([processor.forceFlush(), client.shutdown()]);
    expect(
      server
        .records()
        .slice(1)
        .sort((a, b) => a.userId.localeCompare(b.userId)),
    ).toMatchObject([
      {
        kind: 'event',
        event: 'Feedback',
        userId: 'ada',
        properties: { record_id: record?.id, score: -1, comment: 'Wrong.' },
      },
      { kind: 'event', event: 'Feedback', userId: 'grace', properties: { record_id: record?.id, score: 1 } },
    ]);
  });
});
