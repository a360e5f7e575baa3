import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { PendingLogEvents } from '../../src/otel/state/pending-log-events.js';
import {
  TrubricsLogRecordProcessor,
  type LogEventTarget,
  type LogRecordLike,
} from '../../src/otel/log-processor.js';
import { putContent } from '../../src/common/content-channel.js';
import { locateCalls } from '../../src/reading/calls/deduplicate-calls.js';
import { readLlmCall } from '../../src/reading/dialects/read-llm-call.js';
import { factsOf, findCall, loadCaptures, truthOf } from '../support/captures.js';
import { makeSpan } from '../support/span.js';

/** Creates a log processor in front of the pending events of a span processor. */
function createLogProcessor(events = new PendingLogEvents()) {
  const processor = new TrubricsLogRecordProcessor({ addLogEvent: (ids, event) => events.add(ids, event) });
  return { events, processor };
}

const captures = loadCaptures().filter((capture) => capture.logs.length > 0);

describe.each(captures.map((capture) => [capture.name, capture] as const))('%s', (_name, capture) => {
  const { events, processor } = createLogProcessor();
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
      // "Not recorded" concerns the span. The messages are in the log records.
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
    const { events, processor } = createLogProcessor();
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
    const { events, processor } = createLogProcessor();
    processor.onEmit(question('from a log record'));
    const span = makeSpan({ ...SPAN, attributes: CHAT });
    putContent(span, { 'user.id': 'u-1' });

    const call = readLlmCall(events.attach(span));

    expect(span.events).toEqual([]);
    expect(call).toMatchObject({ userId: 'u-1', spanId: SPAN.spanId });
    expect(call?.inputMessages[0]?.parts).toEqual([{ type: 'text', text: 'from a log record' }]);
  });

  test('a log record without a span of its own belongs to the span in the context', () => {
    const { events, processor } = createLogProcessor();
    const context = trace.setSpanContext(ROOT_CONTEXT, { ...SPAN, traceFlags: 1 });
    processor.onEmit({ eventName: 'gen_ai.user.message', body: { content: 'hello' } }, context);
    expect(events.take(SPAN)).toHaveLength(1);
  });

  test('the log processor keeps only messages of conversations that belong to a span', () => {
    const { events, processor } = createLogProcessor();
    processor.onEmit({ body: 'user logged in', spanContext: SPAN });
    processor.onEmit({ eventName: 'gen_ai.client.operation.exception', spanContext: SPAN });
    processor.onEmit({ eventName: 'gen_ai.user.message', body: { content: 'nobody' } });
    expect(events.eventCount).toBe(0);
  });

  test('the log processor survives a record that cannot be read', () => {
    const { processor } = createLogProcessor();
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

test('the log processor passes on what belongs to a conversation and to a span, its own before that of the context', () => {
  const addLogEvent = vi.fn<LogEventTarget['addLogEvent']>();
  const processor = new TrubricsLogRecordProcessor({ addLogEvent });
  const other = { traceId: 'b'.repeat(32), spanId: 'c'.repeat(16) };
  const context = trace.setSpanContext(ROOT_CONTEXT, { ...other, traceFlags: 1 });
  processor.onEmit({ body: 'user logged in', spanContext: SPAN });
  processor.onEmit({ eventName: 'gen_ai.user.message', body: { content: 'nobody' } });
  expect(addLogEvent).not.toHaveBeenCalled();
  processor.onEmit(
    { eventName: 'gen_ai.user.message', body: { content: 'hello' }, spanContext: SPAN },
    context,
  );
  expect(addLogEvent.mock.calls.map(([span]) => span)).toEqual([SPAN]);
});
