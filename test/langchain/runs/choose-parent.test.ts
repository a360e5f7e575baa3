import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { identityOf, withTrubrics } from '../../../src/identity/with-trubrics.js';
import { chooseParent } from '../../../src/langchain/runs/choose-parent.js';
import type { Run } from '../../../src/langchain/runs/run.js';
import { readMetadata } from '../../../src/langchain/options/run-metadata.js';
import { context } from '@opentelemetry/api';
import { makeRun, type RunSketch } from '../../support/make-run.js';
import { tracing } from '../../support/tracing.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

const { tracer } = tracing();
const choose = (runs: readonly Run[], active: Context = ROOT_CONTEXT, metadata = {}): Run | undefined =>
  chooseParent(runs, active, readMetadata(metadata));

/** Two runs with the same id: one that fits, and one that does not. */
function pair(fits: RunSketch, other: RunSketch = {}): [fitting: Run, candidates: Run[]] {
  const run = makeRun(fits);
  return [run, [makeRun(other), run]];
}

test('a model has no runs below it', () => {
  for (const type of ['chat_model', 'llm'] as const) {
    const [run, candidates] = pair({}, { type });
    expect(choose(candidates)).toBe(run);
  }
});

test('the run whose context is active is the parent', () => {
  const [run, candidates] = pair({ span: tracer.startSpan('a') }, { span: tracer.startSpan('b') });
  expect(choose(candidates, run.context)).toBe(run);
});

test('the run with the same caller is the parent', () => {
  const caller = trace.setSpan(ROOT_CONTEXT, tracer.startSpan('caller'));
  const [run, candidates] = pair({ outerContext: caller });
  expect(choose(candidates, caller)).toBe(run);
  // Without a span around the call, two runs without one do not have the same caller.
  expect(choose([makeRun(), run, makeRun()], ROOT_CONTEXT)).toBeUndefined();
  expect(choose([makeRun(), run], ROOT_CONTEXT)).toBeUndefined();
});

test('the run inside the same withTrubrics() is the parent', () => {
  const [active, contextIdentity] = withTrubrics({ userId: 'ada' }, () => [
    context.active(),
    identityOf(context.active()),
  ]);
  const [run, candidates] = pair({ identity: { contextIdentity } });
  expect(choose(candidates, active)).toBe(run);
  expect(choose(candidates)).toBeUndefined();
});

test('the run with the user or the thread of the metadata is the parent', () => {
  const [ofUser, users] = pair({ identity: { userId: 'ada' } }, { identity: { userId: 'grace' } });
  expect(choose(users, ROOT_CONTEXT, { user_id: 'ada' })).toBe(ofUser);
  const [ofThread, threads] = pair({ identity: { threadId: 't1' } }, { identity: { threadId: 't2' } });
  expect(choose(threads, ROOT_CONTEXT, { thread_id: 't1' })).toBe(ofThread);
  expect(choose(threads)).toBeUndefined();
});

test('a test that fits no run decides nothing, and runs that nothing tells apart have no child', () => {
  const [run, candidates] = pair({ identity: { userId: 'ada' } }, { identity: { userId: 'grace' } });
  expect(choose(candidates, ROOT_CONTEXT, { user_id: 'ada', thread_id: 'unknown' })).toBe(run);
  expect(choose([makeRun(), makeRun()])).toBeUndefined();
  expect(choose([])).toBeUndefined();
});
