import { ROOT_CONTEXT, trace, type Context } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handlerSettings } from '../../../src/langchain/options/handler-options.js';
import { readMetadata } from '../../../src/langchain/options/run-metadata.js';
import type { Run } from '../../../src/langchain/runs/run.js';
import { RunRegistry } from '../../../src/langchain/runs/run-registry.js';
import { runTracerOf } from '../../../src/langchain/runs/run-tracer.js';
import { makeRun, type RunSketch } from '../../support/make-run.js';
import { tracing } from '../../support/tracing.js';
import { useDiag } from '../../support/use-diag.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 }));
afterEach(() => void vi.useRealTimers());

const { tracer, tracerProvider } = tracing();
const NO_METADATA = readMetadata({});
const ended = (run: Run | undefined) => run?.id;

/** A registry, the runs that it abandoned, and a function that opens a run. */
function runRegistry() {
  const abandoned: Run[] = [];
  const registry = new RunRegistry(runTracerOf(tracerProvider), (run) => abandoned.push(run));
  const open = (sketch: RunSketch = {}): Run => {
    const run = makeRun(sketch);
    registry.open(run);
    return run;
  };
  const parentOf = (runId: string | undefined, active: Context = ROOT_CONTEXT, metadata = NO_METADATA) =>
    registry.parentOf(runId, active, metadata);
  return { registry, abandoned, open, parentOf };
}

/** A new array of tags, as LangChain makes one for each run. */
const tags = (): string[] => [];

test('an open run is found by its id and its tags, and no more once it has ended', () => {
  const { registry, open } = runRegistry();
  const own = tags();
  const run = open({ tags: own });
  expect(registry.find('run', own)).toBe(run);
  expect(registry.find('run', undefined)).toBe(run);
  expect(registry.size).toBe(1);
  expect(registry.end(run)).toBe(true);
  expect(registry.end(run)).toBe(false);
  expect(registry.size).toBe(0);
  expect(registry.find('run', own)).toBeUndefined();
});

test('a second run with the id of one that was new a moment ago has a key of its own', () => {
  const { registry, open } = runRegistry();
  registry.isRepeated('run', tags());
  const [first, second] = [open({ tags: tags() }), open({ tags: tags() })];
  expect([first.key, second.key]).toEqual(['run', 'run 1']);
});

test('a start is repeated if its id and its tags are known, whether the run is open or has ended', () => {
  const { registry, open } = runRegistry();
  const [first, second] = [tags(), tags()];
  expect(registry.isRepeated('run', first)).toBe(false);
  const run = open({ tags: first });
  expect(registry.isRepeated('run', first)).toBe(true);
  expect(registry.isRepeated('run', second)).toBe(false);
  const reused = open({ tags: second });
  expect(registry.isRepeated('run', second)).toBe(true);
  for (const each of [run, reused]) registry.end(each);
  // Of several runs with one id, the last to end is remembered.
  expect(registry.isRepeated('run', second)).toBe(true);
  expect(registry.isRepeated('run', tags())).toBe(false);
});

test.each(['chat_model', 'llm', 'retriever', 'chain', 'tool'] as const)(
  'a start of a %s that has ended is repeated for its own tags alone',
  (type) => {
    const { registry, open } = runRegistry();
    const own = tags();
    registry.end(open({ type, tags: own }));
    expect(registry.isRepeated('run', own)).toBe(true);
    expect(registry.isRepeated('run', tags())).toBe(false);
  },
);

test('a start without tags and with a known id counts as repeated, and one warning says so', () => {
  const diag = useDiag();
  const { registry, open } = runRegistry();
  open({ tags: tags() });
  expect(registry.isRepeated('run', undefined)).toBe(true);
  expect(diag.map(({ text }) => text).join()).toContain('a start without tags is not assigned');
});

test('runs with one id are told apart by their tags, and are open by their spans', () => {
  const { registry, open } = runRegistry();
  const [a, b] = [tags(), tags()];
  const [first, second] = [
    open({ tags: a, span: tracer.startSpan('a') }),
    open({ tags: b, span: tracer.startSpan('b') }),
  ];
  expect([registry.find('run', a), registry.find('run', b)]).toEqual([first, second]);
  expect(registry.find('run', undefined)).toBeUndefined();
  const isOpen = (run: Run) => run.span !== undefined && registry.isOpen('run', run.span);
  expect([isOpen(first), isOpen(second), registry.isOpen('run', tracer.startSpan('c'))]).toEqual([
    true,
    true,
    false,
  ]);
  registry.end(first);
  expect([isOpen(first), isOpen(second)]).toEqual([false, true]);
  // Only one is left, so that a callback without tags must mean it.
  expect(registry.find('run', undefined)).toBe(second);
  registry.end(second);
  expect(registry.find('run', b)).toBeUndefined();
});

test('of three runs with one id, each is found until it ends', () => {
  const { registry, open } = runRegistry();
  const [a, b, c] = [tags(), tags(), tags()];
  const runs = [a, b, c].map((own) => open({ tags: own }));
  expect([a, b, c].map((own) => registry.find('run', own))).toEqual(runs);
  if (runs[1]) registry.end(runs[1]);
  expect([a, b, c].map((own) => registry.find('run', own))).toEqual([runs[0], undefined, runs[2]]);
});

test('a child finds its parent, open or ended, unless that was a model', () => {
  const { registry, open, parentOf } = runRegistry();
  const span = tracer.startSpan('chain');
  const chain = open({ runId: 'chain', span, identity: { userId: 'ada' }, agent: 'guide' });
  expect(parentOf('chain')).toBe(chain);
  registry.end(chain);
  const parent = parentOf('chain');
  expect(parent).toMatchObject({ identity: { userId: 'ada' }, agent: 'guide' });
  expect(trace.getSpanContext(parent?.context ?? ROOT_CONTEXT)).toEqual(span.spanContext());
  // The span itself is not kept: it holds whole conversations.
  expect(trace.getSpan(parent?.context ?? ROOT_CONTEXT)).not.toBe(span);
  expect(registry.inheritedFrom('chain', undefined)).toBe(parent);
  registry.end(open({ runId: 'model', type: 'chat_model' }));
  expect(parentOf('model')).toBeUndefined();
  expect(parentOf('unknown')).toBeUndefined();
  expect(parentOf(undefined)).toBeUndefined();
});

test('what was inherited from one of several runs with an id is known only by its tags', () => {
  const { registry, open } = runRegistry();
  const [a, b] = [tags(), tags()];
  const [first, second] = [open({ tags: a }), open({ tags: b })];
  expect(registry.inheritedFrom('run', a)).toBe(first);
  expect(registry.inheritedFrom('run', b)).toBe(second);
  expect(registry.inheritedFrom('run', undefined)).toBeUndefined();
});

test('ended runs are remembered for two thousand further ones at most, and a thousand at least', () => {
  const { registry, open, parentOf } = runRegistry();
  const endMany = (count: number, prefix: string): void => {
    for (let index = 0; index < count; index += 1) registry.end(open({ runId: `${prefix}${index}` }));
  };
  const own = tags();
  registry.end(open({ runId: 'first', tags: own }));
  endMany(1_000, 'a');
  expect(parentOf('first')).toBeDefined();
  expect(registry.isRepeated('first', own)).toBe(true);
  endMany(1_000, 'b');
  expect(parentOf('first')).toBeUndefined();
  expect(registry.isRepeated('first', own)).toBe(false);
  expect(parentOf('b0')).toBeDefined();
});

const settings = (maxOpenRuns: number, maxRunAgeMs = 60_000) => handlerSettings({ maxOpenRuns, maxRunAgeMs });

test('as many runs as allowed are open, and the one without activity for longest is abandoned', () => {
  const { registry, abandoned, open } = runRegistry();
  const own = settings(2);
  for (const runId of ['a', 'b']) open({ runId, settings: own });
  expect(abandoned).toEqual([]);
  open({ runId: 'c', settings: own });
  expect(abandoned.map(ended)).toEqual(['a']);
  expect(registry.size).toBe(2);
});

test('a run that was active since it began is not abandoned before one that was silent', () => {
  const { abandoned, open } = runRegistry();
  const own = settings(2, 1_000);
  const active = open({ runId: 'active', settings: own });
  vi.setSystemTime(100);
  open({ runId: 'silent', settings: own });
  active.lastActivityMs = 200;
  vi.setSystemTime(300);
  open({ runId: 'third', settings: own });
  expect(abandoned.map(ended)).toEqual(['silent']);
});

test('a run that has just begun is not abandoned, although all others were active since they began', () => {
  const { abandoned, open } = runRegistry();
  const own = settings(2);
  const [first, second] = ['first', 'second'].map((runId) => open({ runId, settings: own }));
  for (const run of [first, second]) if (run) run.lastActivityMs = 50;
  vi.setSystemTime(100);
  open({ runId: 'third', settings: own });
  expect(abandoned.map(ended)).toEqual(['first']);
  vi.setSystemTime(200);
  open({ runId: 'fourth', settings: own });
  expect(abandoned.map(ended)).toEqual(['first', 'second']);
});

test('a late child finds its parent after all runs with that id have ended', () => {
  const { registry, open, parentOf } = runRegistry();
  const runs = [open({ tags: tags() }), open({ tags: tags() })];
  for (const run of runs) registry.end(run);
  expect(parentOf('run')).toBeDefined();
});

test('a run whose last activity is too long ago is abandoned although it was active after its start', () => {
  const { abandoned, open } = runRegistry();
  const own = settings(10, 1_000);
  open({ runId: 'active', settings: own }).lastActivityMs = 10;
  vi.setSystemTime(500);
  open({ runId: 'younger', settings: own });
  vi.setSystemTime(1_010);
  open({ runId: 'next', settings: own });
  expect(abandoned.map(ended)).toEqual(['active']);
});

test('a child keeps all runs above it active', () => {
  const { abandoned, open } = runRegistry();
  const own = settings(10, 1_000);
  let parent = open({ runId: 'top', settings: own });
  for (const runId of ['middle', 'inner']) parent = open({ runId, parent, settings: own });
  vi.setSystemTime(900);
  open({ runId: 'child', parent, settings: own });
  vi.setSystemTime(1_500);
  open({ runId: 'next', settings: own });
  expect(abandoned).toEqual([]);
});

test('a timer abandons silent runs, again and again, while runs are open', () => {
  const { registry, abandoned, open } = runRegistry();
  const own = settings(10, 1_000);
  open({ runId: 'a', settings: own });
  vi.advanceTimersByTime(500);
  open({ runId: 'b', settings: own });
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(500);
  expect(abandoned.map(ended)).toEqual(['a']);
  vi.advanceTimersByTime(1_000);
  expect(abandoned.map(ended)).toEqual(['a', 'b']);
  expect(vi.getTimerCount()).toBe(0);
  open({ runId: 'c', settings: own });
  vi.advanceTimersByTime(1_000);
  expect(abandoned.map(ended)).toEqual(['a', 'b', 'c']);
  expect(registry.size).toBe(0);
});

test('a handler that shuts down abandons its own runs, and all if none is named', () => {
  const { registry, abandoned, open } = runRegistry();
  const [mine, yours] = [settings(10), settings(10)];
  open({ runId: 'mine', settings: mine });
  open({ runId: 'yours', settings: yours });
  registry.abandonAll(mine);
  expect(abandoned.map(ended)).toEqual(['mine']);
  registry.abandonAll();
  expect(abandoned.map(ended)).toEqual(['mine', 'yours']);
});

const STEP = ['seq:step:1'];

test('a stream that is left ends with its steps and with the sequences that it is a step of', () => {
  const { registry, abandoned, open } = runRegistry();
  const outer = open({ runId: 'outer' });
  const sequence = open({ runId: 'sequence', tags: STEP, parent: outer });
  const stream = open({ runId: 'stream', tags: STEP, parent: sequence });
  const step = open({ runId: 'step', tags: STEP, parent: stream });
  open({ runId: 'inner step', tags: STEP, parent: step });
  open({ runId: 'no step', parent: stream });
  open({ runId: 'tool step', type: 'tool', tags: STEP, parent: stream });
  open({ runId: 'step of another', tags: STEP, parent: open({ runId: 'other' }) });
  stream.lastActivityMs = 50;
  registry.abandonStream(stream);
  expect(abandoned.map(ended)).toEqual(['stream', 'step', 'inner step', 'sequence', 'outer']);
  expect([sequence.lastActivityMs, outer.lastActivityMs]).toEqual([50, 50]);
  registry.abandonStream(stream);
  expect(abandoned).toHaveLength(5);
});

test('a stream that is no step does not end the run above it, whose last activity stays', () => {
  const { registry, abandoned, open } = runRegistry();
  const parent = open({ runId: 'parent' });
  const stream = open({ runId: 'stream', parent });
  registry.abandonStream(stream);
  expect(abandoned.map(ended)).toEqual(['stream']);
});

test('the last activity of a sequence is not set back by that of its stream', () => {
  const { registry, open } = runRegistry();
  const sequence = open({ runId: 'sequence' });
  const stream = open({ runId: 'stream', tags: STEP, parent: sequence });
  sequence.lastActivityMs = 80;
  registry.abandonStream(stream);
  expect(sequence.lastActivityMs).toBe(80);
});
