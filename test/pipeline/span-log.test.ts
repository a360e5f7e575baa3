import { expect, test } from 'vitest';
import { SpanLog } from '../../src/pipeline/span-log.js';
import { recogniseSpan } from '../../src/reading/dialects/read-llm-call.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { makeChatSpan } from '../support/span.js';

test('what is noted about a span takes the place of the reason that it was added with', () => {
  const log = new SpanLog();
  const span = makeChatSpan();
  log.add(span, recogniseSpan(span), 'unreadable');
  expect(log.list().map(({ reason }) => reason)).toEqual(['unreadable']);
  log.noteSpan(span, 'opted_out');
  expect(log.list().map(({ reason }) => reason)).toEqual(['opted_out']);
});

test('a span whose id cannot be read is not noted, and throws nothing', () => {
  const log = new SpanLog();
  log.noteSpan({} as SpanLike, 'opted_out');
  expect(log.list()).toEqual([]);
});
