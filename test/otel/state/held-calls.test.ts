import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HeldCalls, waitOf, type Wait } from '../../../src/otel/state/held-calls.js';
import type { OpenSpan } from '../../../src/otel/state/open-span.js';
import { SpanTree } from '../../../src/otel/state/span-tree.js';
import { recogniseSpan } from '../../../src/reading/dialects/read-llm-call.js';
import { makeCall, type CallSketch } from '../../support/make-call.js';
import { makeSpan, type SpanSketch } from '../../support/span.js';

const MODEL = { 'span.type': 'llm', 'entity.type': 'agent', 'llm.model': 'm' };
const AGENT = { 'span.type': 'agent', 'entity.type': 'agent' };
const TOOL = { 'span.type': 'tool', 'entity.type': 'agent' };
const CHAT = { 'gen_ai.operation.name': 'chat' };

function openSpans() {
  const tree = new SpanTree({ onFinalCall: () => undefined, onDuplicate: () => undefined });
  const start = (attributes: SpanSketch['attributes'], parent?: OpenSpan): OpenSpan =>
    tree.onSpanStart(
      makeSpan({
        ...(attributes && { attributes }),
        ...(parent && { parentSpanId: parent.span.spanContext().spanId }),
      }),
      undefined,
    );
  const wait = (open: OpenSpan, call: CallSketch = { prompt: 'q' }): Wait | undefined => {
    const recognised = recogniseSpan(open.span);
    return recognised && waitOf(tree.onSpanEnd(open.span), makeCall(call), recognised);
  };
  return { tree, start, wait };
}

describe('what a call waits for', () => {
  test('a call below which nothing is open waits for nothing', () => {
    const { start, wait } = openSpans();
    expect(wait(start(CHAT))).toBeUndefined();
  });

  test('a call waits a second for a span below it that is open, and is not read again', () => {
    const { start, wait } = openSpans();
    const call = start(CHAT);
    start({}, call);
    expect(wait(call)).toMatchObject({ maxMs: 1_000, isReadAgain: false });
  });

  test('a call waits half a minute for an LLM span below it that is open', () => {
    const { start, wait } = openSpans();
    const call = start(CHAT);
    start(CHAT, call);
    expect(wait(call)).toMatchObject({ maxMs: 30_000, isReadAgain: false });
  });

  test.each<[string, CallSketch]>([
    ['an answer', { prompt: 'q' }],
    ['a question', { answer: 'a' }],
    ['both', {}],
  ])('a call without %s waits for the agent above, and is read again', (_what, content) => {
    const { start, wait } = openSpans();
    const found = wait(start(MODEL, start(AGENT)), content);
    expect(found).toMatchObject({ maxMs: 30_000, isReadAgain: true });
  });

  test.each<[string, CallSketch]>([
    ['has question and answer', { prompt: 'q', answer: 'a' }],
    ['failed', { prompt: 'q', error: { type: 'Timeout' } }],
  ])('a call that %s does not wait for the agent above', (_what, content) => {
    const { start, wait } = openSpans();
    expect(wait(start(MODEL, start(AGENT)), content)).toBeUndefined();
  });

  test('a call does not wait for an agent that has ended', () => {
    const { tree, start, wait } = openSpans();
    const agent = start(AGENT);
    const call = start(MODEL, agent);
    tree.onSpanEnd(agent.span);
    expect(wait(call)).toBeUndefined();
  });

  test('a call waits for no other span above than an agent of its own dialect', () => {
    const { start, wait } = openSpans();
    expect(wait(start(MODEL, start(TOOL)))).toBeUndefined();
    expect(wait(start(MODEL, start({ 'openinference.span.kind': 'AGENT' })))).toBeUndefined();
  });

  test('a call waits for the agent around a tool, not for the tool', () => {
    const { start, wait } = openSpans();
    const agent = start(AGENT);
    const run = vi.fn<() => void>();
    const tool = start(TOOL, agent);
    wait(start(MODEL, tool))?.start(run);
    tool.markEnded();
    expect(run).not.toHaveBeenCalled();
    agent.markEnded();
    expect(run).toHaveBeenCalledOnce();
  });
});

describe('calls that are held', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  const forMs = (maxMs: number): Wait => ({ maxMs, isReadAgain: false, start: () => undefined });

  test('a held call is released at its deadline, and others later at theirs', () => {
    const held = new HeldCalls();
    const released: string[] = [];
    held.hold(forMs(2_000), () => released.push('second'));
    held.hold(forMs(1_000), () => released.push('first'));
    vi.advanceTimersByTime(999);
    expect(released).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(released).toEqual(['first']);
    vi.advanceTimersByTime(1_000);
    expect(released).toEqual(['first', 'second']);
    expect(held.size).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a call that is held after all were released is released at its own deadline', () => {
    const held = new HeldCalls();
    const released: string[] = [];
    held.hold(forMs(1_000), () => released.push('first'));
    held.releaseAll();
    expect(vi.getTimerCount()).toBe(0);
    held.hold(forMs(1_000), () => released.push('second'));
    expect(released).toEqual(['first']);
    vi.advanceTimersByTime(1_000);
    expect(released).toEqual(['first', 'second']);
  });

  test('a release that throws costs no other call', () => {
    const held = new HeldCalls();
    const release = vi.fn<() => void>();
    held.hold(forMs(1_000), () => {
      throw new Error('from the pipeline');
    });
    held.hold(forMs(1_000), release);
    held.releaseAll();
    expect(release).toHaveBeenCalledOnce();
  });

  test('a call whose event came is not released again at its deadline', () => {
    const held = new HeldCalls();
    const release = vi.fn<() => void>();
    held.hold({ ...forMs(1_000), start: (run) => run() }, release);
    expect(release).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(5_000);
    held.releaseAll();
    expect(release).toHaveBeenCalledOnce();
  });
});
