import { expect, test } from 'vitest';
import { getContent, putContent } from '../../../src/common/content-channel.js';
import { withEvents, withoutAttributes } from '../../../src/otel/state/span-views.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeSpan } from '../../support/span.js';

const SPAN: Omit<SpanLike, 'spanContext'> = {
  name: 'chat',
  kind: 3,
  parentSpanContext: { spanId: 'parent', isRemote: true },
  parentSpanId: 'parent',
  startTime: [1, 2],
  endTime: [3, 4],
  status: { code: 2, message: 'failed' },
  attributes: { key: 'value' },
  events: [{ name: 'first' }],
  droppedAttributesCount: 5,
  droppedEventsCount: 6,
  resource: { attributes: { 'service.name': 'shop' } },
  instrumentationScope: { name: 'library' },
  instrumentationLibrary: { name: 'library of SDK 1' },
};

test('a view with further events has every other field of the span', () => {
  const span: SpanLike = { ...SPAN, spanContext: () => ({ traceId: 't', spanId: 's' }) };
  const view = withEvents(span, [{ name: 'second' }]);
  const events = [{ name: 'first' }, { name: 'second' }];
  expect(view).toEqual({ ...SPAN, events, spanContext: expect.any(Function) });
  expect(view.spanContext()).toEqual({ traceId: 't', spanId: 's' });
});

test('a view with further events has the content that belongs to the span, and none if there is none', () => {
  const [span, other] = [makeSpan(), makeSpan()];
  const content = { 'gen_ai.input.messages': '[]' };
  putContent(span, content);
  expect(getContent(withEvents(span, []))).toEqual(content);
  expect(getContent(withEvents(other, []))).toBeUndefined();
});

test('a view without attributes has name, kind, ids and times alone', () => {
  const span: SpanLike = { ...SPAN, spanContext: () => ({ traceId: 't', spanId: 's' }) };
  const view = withoutAttributes(span);
  const { name, kind, parentSpanContext, parentSpanId, startTime, endTime } = SPAN;
  expect(view).toEqual({
    spanContext: expect.any(Function),
    name,
    kind,
    parentSpanContext,
    parentSpanId,
    startTime,
    endTime,
    attributes: {},
  });
  expect(view.spanContext()).toEqual({ traceId: 't', spanId: 's' });
});
