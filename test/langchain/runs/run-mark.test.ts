import { createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import {
  callerContext,
  type FirstRun,
  isInsideRun,
  isSiblingPrompt,
  recordFirstRun,
  runContext,
  withFirstRun,
} from '../../../src/langchain/runs/run-context.js';
import { tracing } from '../../support/tracing.js';

const { tracer } = tracing();
const KEY = createContextKey('test');
const PARAMS = {};
const [span, other] = [tracer.startSpan('run'), tracer.startSpan('other')];
const CALLER = ROOT_CONTEXT.setValue(KEY, 'caller');
const RUN = runContext(CALLER, span, 'run', PARAMS);
const always = () => true;
const never = () => false;

test('the context of a run has its span, the values around it and its mark, also after a change', () => {
  const changed = [RUN, RUN.setValue(KEY, 'set'), RUN.deleteValue(KEY)];
  expect(changed.map((ctx) => ctx.getValue(KEY))).toEqual(['caller', 'set', undefined]);
  expect(changed.map((ctx) => trace.getSpan(ctx))).toEqual([span, span, span]);
  expect(changed.map((ctx) => isInsideRun(ctx, 'run', span))).toEqual([true, true, true]);
});

test('a context is inside a run by its id, and by its span if that is known', () => {
  expect(isInsideRun(RUN, 'run', undefined)).toBe(true);
  expect(isInsideRun(RUN, 'other', span)).toBe(false);
  expect(isInsideRun(RUN, 'run', other)).toBe(false);
  expect(isInsideRun(CALLER, 'run', undefined)).toBe(false);
  // Two copies of this package can wrap one span.
  expect(isInsideRun(RUN, 'run', trace.wrapSpanContext(span.spanContext()))).toBe(true);
});

test('the caller of a run is behind runs that have ended and those of the same call', () => {
  expect(callerContext(RUN, undefined, always)).toBe(RUN);
  expect(callerContext(RUN, undefined, never)).toBe(CALLER);
  expect(callerContext(RUN, PARAMS, always)).toBe(CALLER);
  expect(callerContext(RUN, {}, always)).toBe(RUN);
  expect(callerContext(CALLER, PARAMS, never)).toBe(CALLER);
  const inner = runContext(RUN, other, 'inner', undefined);
  expect(callerContext(inner, undefined, (runId) => runId === 'run')).toBe(RUN);
  expect(callerContext(inner, undefined, never)).toBe(CALLER);
  // Two runs without parameters are not of the same call.
  expect(callerContext(inner, undefined, always)).toBe(inner);
});

test('a context in which another span is active is that of a caller', () => {
  const below = trace.setSpan(RUN, other);
  expect(callerContext(below, PARAMS, never)).toBe(below);
});

test('another prompt of a call is a sibling, and the run itself is none', () => {
  expect(isSiblingPrompt(RUN, 'other', PARAMS)).toBe(true);
  expect(isSiblingPrompt(RUN, 'run', PARAMS)).toBe(false);
  expect(isSiblingPrompt(RUN, 'other', {})).toBe(false);
  expect(isSiblingPrompt(CALLER, 'other', PARAMS)).toBe(false);
  const without = runContext(CALLER, span, 'run', undefined);
  expect(isSiblingPrompt(without, 'other', undefined)).toBe(false);
});

test('the first run in a context is recorded with its tags, and no later one', () => {
  const first: FirstRun = { runId: undefined, tags: undefined };
  const ctx = withFirstRun(CALLER, first);
  const tags = ['mine'];
  recordFirstRun(ctx, { id: 'one', tags });
  recordFirstRun(ctx, { id: 'two', tags: [] });
  expect(first.runId).toBe('one');
  expect(first.tags).toBe(tags);
  expect(() => recordFirstRun(CALLER, { id: 'three', tags })).not.toThrow();
});
