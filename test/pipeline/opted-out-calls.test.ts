import { beforeEach, expect, test } from 'vitest';
import {
  isAnyOptedOut,
  isOptedOutTarget,
  rememberOptedOut,
  rememberRun,
  rememberWithdrawn,
} from '../../src/pipeline/opted-out-calls.js';
import { makeSpan } from '../support/span.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

beforeEach(() => {
  const optedOut = Symbol.for('opentelemetry-exporter-trubrics.opted-out.2');
  (globalThis as Record<symbol, unknown>)[optedOut] = undefined;
});

test('feedback on a span that was opted out is known by its span, its record, its run and its response', () => {
  expect(isAnyOptedOut()).toBe(false);
  rememberWithdrawn('a record');
  expect(isAnyOptedOut()).toBe(true);
  const attributes = { 'trubrics.run.id': 'run', 'gen_ai.response.id': 'response' };
  rememberOptedOut(makeSpan({ traceId: TRACE, spanId: 'out', attributes }));
  expect(isAnyOptedOut()).toBe(true);
  expect(isOptedOutTarget({ spanContext: { traceId: TRACE, spanId: 'out' } })).toBe(true);
  expect(isOptedOutTarget({ recordId: `${TRACE}-out` })).toBe(true);
  expect(isOptedOutTarget({ runId: 'run' })).toBe(true);
  expect(isOptedOutTarget({ responseId: 'response' })).toBe(true);
  expect(isOptedOutTarget({ spanContext: { traceId: TRACE, spanId: 'other' }, runId: 'other' })).toBe(false);
  expect(isOptedOutTarget({ recordId: 'run' })).toBe(false);
});

test('a run with a record counts as opted out only by that record', () => {
  rememberRun('run');
  rememberRun(17);
  rememberWithdrawn('withdrawn');
  expect(isOptedOutTarget({ runId: 'run', recordId: 'recorded' })).toBe(false);
  expect(isOptedOutTarget({ runId: '17' })).toBe(false);
  expect(isOptedOutTarget({ recordId: 'withdrawn' })).toBe(true);
});

test('twenty thousand ids are remembered, and the one that was not added for the longest time is forgotten', () => {
  for (let index = 0; index < 20_000; index += 1) rememberWithdrawn(`id-${index}`);
  expect(isOptedOutTarget({ recordId: 'id-0' })).toBe(true);
  rememberWithdrawn('id-0');
  rememberWithdrawn('one more');
  const isKnown = (recordId: string): boolean => isOptedOutTarget({ recordId });
  expect(['id-0', 'id-1', 'id-2', 'one more'].map(isKnown)).toEqual([true, false, true, true]);
});
