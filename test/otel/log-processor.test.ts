import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { PendingLogEvents } from '../../src/otel/state/pending-log-events.js';
import { TrubricsLogRecordProcessor, type LogRecordLike } from '../../src/otel/log-processor.js';
import { putContent } from '../../src/common/content-channel.js';
import { locateCalls } from '../../src/reading/calls/deduplicate-calls.js';
import { readLlmCall } from '../../src/reading/dialects/read-llm-call.js';
import { factsOf, findCall, loadCaptures, truthOf } from '../support/captures.js';
import { makeSpan } from '../support/span.js';

/** The store of a span processor, and the log processor in front of it. */
function setUp(events = new PendingLogEvents()) {
  const processor = new TrubricsLogRecordProcessor({ addLogEvent: (ids, event) => events.add(ids, event) });
  return { events, processor };
}

const captures = loadCaptures().filter((capture) => capture.logs.length > 0);

describe.each(captures.map((capture) => [capture.name, capture] as const))('%s', (_name, capture) => {
  const { events, processor } = setUp();
  for (const log of capture.logs) processor.onEmit(log);
  const located = locateCalls(capture.spans.map((span) => events.attach(span)));

  test(`yields ${capture.llmSpanCount} calls`, () => {
    expect(located).toHaveLength(capture.llmSpanCount);
    expect(events.eventCount).toBe(0);
  });

  test.each(capture.calls.map((call, index) => [index + 1, call] as const))(
    'call %i of the capture is read as it was made, with the messages of its log records',
    (_number, expected) => {
      const found = findCall(located, expected, capture);
      // What is "not recorded" is so on the span: the messages are in the log records.
      const messages = new Set(['prompt', 'systemPrompt', 'generation', 'toolCalls']);
      const recorded = {
        ...expected,
        notRecorded: expected.notRecorded?.filter((field) => !messages.has(field)) ?? [],
      };
      expect(found).toBeDefined();
      expect(found && factsOf(found, recorded)).toEqual(truthOf(recorded));
    },
  );
});

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };

function question(content: unknown, spanContext: LogRecordLike['spanContext'] = SPAN): LogRecordLike {
  return { attributes: { 'event.name': 'gen_ai.user.message' }, body: { content }, spanContext };
}

describe('TrubricsLogRecordProcessor', () => {
  test('messages of several details events are joined with the instructions on the span', () => {
    const { events, processor } = setUp();
    const details = 'gen_ai.client.inference.operation.details';
    const asked = [{ role: 'user', parts: [{ type: 'text', content: 'And of Italy?' }] }];
    const answered = [
      { role: 'assistant', parts: [{ type: 'text', content: 'Rome' }], finish_reason: 'stop' },
    ];
    processor.onEmit({
      eventName: details,
      attributes: { 'gen_ai.input.messages': asked },
      spanContext: SPAN,
    });
    processor.onEmit({
      eventName: details,
      attributes: { 'gen_ai.output.messages': answered },
      spanContext: SPAN,
    });

    const span = makeSpan({ ...SPAN, attributes: { ...CHAT, 'gen_ai.system_instructions': 'Be terse.' } });

    expect(readLlmCall(events.attach(span))).toMatchObject({
      systemInstructions: [{ type: 'text', text: 'Be terse.' }],
      inputMessages: [{ role: 'user', parts: [{ type: 'text', text: 'And of Italy?' }] }],
      outputMessages: [{ role: 'assistant', parts: [{ type: 'text', text: 'Rome' }] }],
      finishReasons: ['stop'],
    });
  });

  test('attached log events leave the span unchanged and keep its content channel', () => {
    const { events, processor } = setUp();
    processor.onEmit(question('from a log record'));
    const span = makeSpan({ ...SPAN, attributes: CHAT });
    putContent(span, { 'user.id': 'u-1' });

    const call = readLlmCall(events.attach(span));

    expect(span.events).toEqual([]);
    expect(call).toMatchObject({ userId: 'u-1', spanId: SPAN.spanId });
    expect(call?.inputMessages[0]?.parts).toEqual([{ type: 'text', text: 'from a log record' }]);
  });

  test('a log record without a span of its own belongs to the span in the context', () => {
    const { events, processor } = setUp();
    const context = trace.setSpanContext(ROOT_CONTEXT, { ...SPAN, traceFlags: 1 });
    processor.onEmit({ eventName: 'gen_ai.user.message', body: { content: 'hello' } }, context);
    expect(events.take(SPAN)).toHaveLength(1);
  });

  test('the log processor keeps only messages of conversations that belong to a span', () => {
    const { events, processor } = setUp();
    processor.onEmit({ body: 'user logged in', spanContext: SPAN });
    processor.onEmit({ eventName: 'gen_ai.client.operation.exception', spanContext: SPAN });
    processor.onEmit({ eventName: 'gen_ai.user.message', body: { content: 'nobody' } });
    expect(events.eventCount).toBe(0);
  });

  test('the log processor survives a record that cannot be read', () => {
    const { processor } = setUp();
    const broken = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(() => {
      processor.onEmit(broken);
    }).not.toThrow();
  });

  test('the log processor names TrubricsSpanProcessor if it is constructed with something else', () => {
    const construct = () => new TrubricsLogRecordProcessor({} as never);
    expect(construct).toThrow(/TrubricsSpanProcessor/);
  });
});

describe('PendingLogEvents', () => {
  const event = (text: string) => ({ name: 'gen_ai.user.message', attributes: { text } });
  const ids = (spanId: string) => ({ traceId: 't', spanId });

  test('pending log events forget the oldest span first if there are too many events', () => {
    const events = new PendingLogEvents({ maxEvents: 3 });
    for (const spanId of ['a', 'a', 'b', 'c']) events.add(ids(spanId), event(spanId));
    expect(events.take(ids('a'))).toEqual([]);
    expect(events.take(ids('b'))).toHaveLength(1);
    expect(events.take(ids('c'))).toHaveLength(1);
  });

  test('pending log events forget the oldest span first if the texts are too long', () => {
    const events = new PendingLogEvents({ maxSize: 1_000 });
    events.add(ids('a'), event('x'.repeat(600)));
    events.add(ids('b'), event('x'.repeat(600)));
    expect(events.take(ids('a'))).toEqual([]);
    expect(events.take(ids('b'))).toHaveLength(1);
  });

  test('pending log events forget spans that did not end in time', () => {
    let now = 0;
    const events = new PendingLogEvents({ maxAgeMs: 1_000 }, () => now);
    events.add(ids('a'), event('old'));
    now = 1_001;
    events.add(ids('b'), event('new'));
    expect(events.eventCount).toBe(1);
    expect(events.take(ids('a'))).toEqual([]);
  });

  test('pending log events hold an event once, and none after it was taken or cleared', () => {
    const events = new PendingLogEvents();
    events.add(ids('a'), event('one'));
    events.add(ids('b'), event('two'));
    events.take(ids('a'));
    expect(events.take(ids('a'))).toEqual([]);
    events.clear();
    expect(events.eventCount).toBe(0);
  });
});
