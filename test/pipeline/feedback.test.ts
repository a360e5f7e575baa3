import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { describe, expect, test } from 'vitest';
import { TrubricsClient } from '../../src/client/client.js';
import { withTrubrics } from '../../src/identity/with-trubrics.js';
import { TrubricsLogRecordProcessor } from '../../src/otel/log-processor.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import type { FeedbackInput } from '../../src/records/feedback/to-feedback-event.js';
import { agent, around, chat, endChat, startChat } from '../support/trace-sketch.js';
import { useContextManager } from '../support/use-context-manager.js';
import { useProvider } from '../support/use-provider.js';
import { useServer } from '../support/use-server.js';

useContextManager();

/** A provider, and a function that sends feedback and returns the event that arrived. */
function useFeedback(options: TrubricsOptions = {}) {
  const { processor, destination, tracer } = useProvider(options);
  const send = async (feedback: FeedbackInput) => {
    processor.trackFeedback(feedback);
    await processor.forceFlush();
    return destination.events.at(-1);
  };
  return { processor, destination, send, tracer };
}

const EVALUATION = 'gen_ai.evaluation.result';

describe('trackFeedback', () => {
  test.each<[FeedbackInput['score'], object]>([
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
  ])('feedback with the score %s has its number, label and feedback type', async (score, properties) => {
    const { send } = useFeedback();
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

  test('feedback may be a comment alone', async () => {
    const { send } = useFeedback();
    const event = await send({ threadId: 't', comment: 'Just what I needed.' });
    expect(event).toMatchObject({
      userId: 'anonymous',
      threadId: 't',
      properties: { comment: 'Just what I needed.', feedback_type: 'textbox' },
    });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'good'],
    ['no target', { score: '👍' }],
    ['no value', { recordId: 'a-b' }],
    ['a score that is none', { recordId: 'a-b', score: Number.NaN }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'recordId', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])(
    'trackFeedback sends nothing and does not throw for input that is no feedback: %s',
    async (_case, feedback) => {
      const { processor, destination } = useFeedback();
      expect(() => processor.trackFeedback(feedback as FeedbackInput)).not.toThrow();
      await processor.forceFlush();
      expect(destination.events).toEqual([]);
    },
  );

  test('feedback finds its record by the span of a call, of the request, and of a call of a turn', async () => {
    const { processor, destination, tracer, send } = useFeedback();
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

    const turns = useFeedback({ granularity: 'turn' });
    around(turns.tracer, 'agent', agent('a'), (below) => {
      ids.step = chat(turns.tracer, { prompt: 'q', toolCalls: ['t'], below }).spanContext();
      chat(turns.tracer, { prompt: 'q', answer: 'a', below });
    });
    await turns.processor.forceFlush();
    const event = await turns.send({ spanContext: ids.step, score: '👍' });
    expect(event?.properties.record_id).toBe(turns.destination.records[0]?.id);
    expect(event?.properties.record_id).not.toContain(ids.step?.spanId);
  });

  test('feedback on a span that another process recorded refers to it by its ids', async () => {
    const { send } = useFeedback();
    const event = await send({ spanContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }, score: 1 });
    expect(event?.properties.record_id).toBe(`${'a'.repeat(32)}-${'b'.repeat(16)}`);
  });

  test('redact sees the comment of feedback, and nothing else changes', async () => {
    const { send, processor } = useFeedback({
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

describe('evaluations', () => {
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

  test('an evaluation on the span of a call is feedback about its record, from the same user', async () => {
    const { processor, destination, tracer } = useFeedback();
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

  test('an evaluation on any span of a turn is feedback about the turn', async () => {
    const { processor, destination, tracer } = useFeedback({ granularity: 'turn' });
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

  test('an evaluation on a span around or below a call is feedback about the call', async () => {
    const { processor, destination, tracer } = useFeedback();
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

  test('an evaluation in a log record is about its span or its response, also after the span ended', async () => {
    const { processor, destination, tracer } = useFeedback();
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

describe('feedback in the local Trubrics', () => {
  test('the local Trubrics shows feedback of processor and client with the answer', async () => {
    const server = await useServer();
    const { processor, tracer } = useProvider({ host: server.ingestionUrl });
    withTrubrics({ userId: 'ada' }, () => chat(tracer, { prompt: 'q', answer: 'a' }));
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
