import { expect, test } from 'vitest';
import type { SpanLike } from '../../../../../src/reading/model/span-like.js';
import { EventJoiner } from '../../../../../src/server/ingest/otlp/joining/event-joiner.js';
import type { Evaluation } from '../../../../../src/server/ingest/otlp/joining/evaluations.js';
import { createJoiningState } from '../../../../../src/server/ingest/otlp/joining/joining-state.js';
import type { LogEvent } from '../../../../../src/server/ingest/otlp/joining/log-events.js';
import { makeChatSpan } from '../../../../support/span.js';

const MINUTE = 60_000;

function useJoiner() {
  const state = createJoiningState();
  const clock = { ms: 0 };
  const joiner = new EventJoiner(state, () => clock.ms);
  const addSpans = (...spans: SpanLike[]): Evaluation[] => {
    const evaluations = new Set<Evaluation>();
    joiner.addSpans(
      spans.map((span) => state.spans.add(span)),
      evaluations,
    );
    return [...evaluations];
  };
  const addLogs = (...logs: LogEvent[]): Evaluation[] => {
    const evaluations = new Set<Evaluation>();
    joiner.addLogs(logs, evaluations);
    return [...evaluations];
  };
  return { state, clock, joiner, addSpans, addLogs };
}

function logOf(span: SpanLike, name: string, attributes: Record<string, unknown> = {}): LogEvent {
  const { traceId, spanId } = span.spanContext();
  return { span: { traceId, spanId }, event: { name, time: [1, 0], attributes } };
}

const evaluationOf = (span: SpanLike, attributes: Record<string, unknown> = {}): LogEvent =>
  logOf(span, 'gen_ai.evaluation.result', { 'gen_ai.evaluation.score.value': 1, ...attributes });

test('a log record waits for its span, a quarter of an hour at most', () => {
  const { clock, joiner, addLogs, addSpans, state } = useJoiner();
  const [early, late] = [makeChatSpan({ spanId: 'a1' }), makeChatSpan({ spanId: 'a2' })];
  addLogs(logOf(early, 'x'), logOf(late, 'x'), logOf(late, 'y'));
  expect(joiner.counts()).toEqual({ waiting: 3, unmatched: 0 });
  addSpans(early);
  expect(joiner.counts()).toEqual({ waiting: 2, unmatched: 0 });
  expect(state.spans.get(early.spanContext().traceId, 'a1')?.span.events).toHaveLength(1);
  clock.ms = 15 * MINUTE;
  expect(joiner.counts()).toEqual({ waiting: 2, unmatched: 0 });
  clock.ms += 1;
  expect(joiner.counts()).toEqual({ waiting: 0, unmatched: 2 });
});

test('the last log record that waits is given to its span', () => {
  const { joiner, addLogs, addSpans, state } = useJoiner();
  const span = makeChatSpan({ spanId: 'a1' });
  addLogs(logOf(span, 'x'));
  addSpans(span);
  expect(joiner.counts()).toEqual({ waiting: 0, unmatched: 0 });
  expect(state.spans.get(span.spanContext().traceId, 'a1')?.span.events).toHaveLength(1);
});

test('an evaluation that is repeated waits once for its span', () => {
  const { joiner, addLogs, addSpans } = useJoiner();
  const span = makeChatSpan();
  expect(addLogs(evaluationOf(span))).toHaveLength(1);
  addLogs(evaluationOf(span));
  addLogs(evaluationOf(span, { 'gen_ai.evaluation.name': 'other' }));
  expect(joiner.counts().waiting).toBe(2);
  expect(addSpans(span)).toHaveLength(2);
  expect(joiner.counts().waiting).toBe(0);
});

test('an evaluation that opts out is none, and waits for nothing', () => {
  const { joiner, addLogs, state } = useJoiner();
  const optOut = { 'trubrics.record': false, 'gen_ai.response.id': 'r' };
  expect(addLogs(evaluationOf(makeChatSpan(), optOut))).toEqual([]);
  expect(joiner.counts().waiting).toBe(0);
  expect(state.responses.evaluationsOf('r')).toEqual([]);
});

test('a log record that opts out keeps no content while it waits', () => {
  const { addLogs, addSpans, state } = useJoiner();
  const span = makeChatSpan({ spanId: 'a1' });
  addLogs(logOf(span, 'x', { 'trubrics.record': false, text: 'SECRET' }));
  addSpans(span);
  const known = state.spans.get(span.spanContext().traceId, 'a1');
  expect(known?.span.attributes['trubrics.record']).toBe(false);
  expect(JSON.stringify(known?.span.events)).not.toContain('SECRET');
});

test('an evaluation of a response whose span is known does not wait for the span that it was made in', () => {
  const { joiner, addLogs, addSpans, state } = useJoiner();
  const [answered, judge] = [makeChatSpan({ spanId: 'a1' }), makeChatSpan({ spanId: 'a2' })];
  addSpans(answered);
  state.responses.setSpan('r', state.spans.add(answered));
  addLogs(evaluationOf(judge, { 'gen_ai.response.id': 'r' }));
  expect(joiner.counts().waiting).toBe(0);
  addLogs(evaluationOf(judge, { 'gen_ai.response.id': 'unknown' }));
  expect(joiner.counts().waiting).toBe(1);
});
