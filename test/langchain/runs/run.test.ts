import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test, vi } from 'vitest';
import { isModelRun, minimalStart, openRun, type RunStart } from '../../../src/langchain/runs/run.js';
import { isInsideRun, isSiblingPrompt } from '../../../src/langchain/runs/run-context.js';
import { handlerSettings } from '../../../src/langchain/options/handler-options.js';
import { ModelRun } from '../../../src/langchain/runs/run.js';
import { makeRun } from '../../support/make-run.js';
import { tracing } from '../../support/tracing.js';

const START: RunStart<'chat_model'> = {
  type: 'chat_model',
  runId: 'run',
  parentRunId: 'parent',
  serialized: { name: 'model' },
  tags: ['seq:step:1'],
  metadata: { user_id: 'ada' },
  runName: 'name',
  extraParams: {},
};

const modelRun = (start: RunStart<'chat_model'>, span = tracing().tracer.startSpan('chat')): ModelRun =>
  new ModelRun(
    start,
    undefined,
    handlerSettings({}),
    span,
    ROOT_CONTEXT,
    { userId: undefined, threadId: undefined, contextIdentity: undefined },
    undefined,
    undefined,
  );

test('a minimal start has ids, type and name alone, and knows the array of tags without reading it', () => {
  expect(minimalStart(START)).toEqual({
    type: 'chat_model',
    runId: 'run',
    parentRunId: 'parent',
    runName: 'name',
    serialized: undefined,
    tags: undefined,
    unreadTags: START.tags,
    metadata: undefined,
  });
  const hostile = { ...START, runName: { toString: () => 'x' } as unknown as string };
  expect(minimalStart(hostile).runName).toBeUndefined();
  expect(modelRun(minimalStart(START)).tags).toBe(START.tags);
});

test('a run keeps its array of tags, and is a step by them', () => {
  const run = modelRun(START);
  expect(run.tags).toBe(START.tags);
  expect(run.isStep).toBe(true);
  expect(modelRun({ ...START, tags: ['mine'] }).isStep).toBe(false);
});

test('the context of a run has its span and its mark, and that of a hidden run is the one around it', () => {
  const span = tracing().tracer.startSpan('chat');
  const run = modelRun(START, span);
  expect(trace.getSpan(run.context)).toBe(span);
  expect(isInsideRun(run.context, 'run', span)).toBe(true);
  expect(isSiblingPrompt(run.context, 'other', START.extraParams)).toBe(true);
  expect(makeRun().context).toBe(ROOT_CONTEXT);
});

test('a run is active, and in its place in the order, from its start', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 5_000 });
  expect(makeRun()).toMatchObject({ lastActivityMs: 5_000, orderedAtMs: 5_000 });
  vi.useRealTimers();
});

test('models are chat models and completion models', () => {
  const types = ['chat_model', 'llm', 'chain', 'tool', 'retriever'] as const;
  expect(types.filter((type) => isModelRun(makeRun({ type })))).toEqual(['chat_model', 'llm']);
  expect(isModelRun(undefined)).toBe(false);
});

test('a parent that had ended when the run started is no open run', () => {
  const run = makeRun();
  const { context, identity, agent } = run;
  expect(openRun(run)).toBe(run);
  expect(openRun({ context, identity, agent })).toBeUndefined();
  expect(openRun(undefined)).toBeUndefined();
});
