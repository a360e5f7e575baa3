import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { OpenSpan } from '../../../src/otel/state/open-span.js';
import { SpanTree } from '../../../src/otel/state/span-tree.js';
import { TurnCollector, type TurnLimits } from '../../../src/otel/state/turn-collector.js';
import type { TurnGroup } from '../../../src/records/turns/group-turns.js';
import { makeCall, textMessage, toolCallMessage, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: T0 }));
afterEach(() => void vi.useRealTimers());

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const AGENT = { 'gen_ai.operation.name': 'invoke_agent' };

/** A collector behind a tree of spans, and the turns that it emits. */
function collector(limits: Partial<TurnLimits> = {}) {
  const emitted: TurnGroup[] = [];
  const tree = new SpanTree({ onFinalCall: () => undefined, onDuplicate: () => undefined });
  const turns = new TurnCollector((turn) => emitted.push(turn), limits);
  let startOrder = 0;
  return {
    emitted,
    turns,
    start: (attributes: Record<string, unknown> = AGENT, parent?: OpenSpan): OpenSpan => {
      const parentSpanId = parent?.span.spanContext().spanId;
      const span = makeSpan({ attributes, ...(parentSpanId !== undefined && { parentSpanId }) });
      const open = tree.onSpanStart(span, undefined);
      turns.onSpanStart(open);
      return open;
    },
    end: (open: OpenSpan): void => turns.onSpanEnd(tree.onSpanEnd(open.span)),
    /** Adds a call below a span, which ends now. */
    call: (parent: OpenSpan | undefined, fields: CallSketch & { readonly order?: number } = {}): void => {
      const { order, ...sketch } = { prompt: 'question', answer: 'answer', ...fields };
      startOrder += 1;
      turns.add({
        call: makeCall({ startTimeMs: Date.now() - 10, endTimeMs: Date.now(), ...sketch }),
        span: makeSpan({ attributes: { key: 'value' } }),
        ancestors: parent ? [parent, ...parent.ancestors()].map(({ span }) => span) : [],
        contextIdentity: { userId: `user ${startOrder}` },
        startOrder: order ?? startOrder,
      });
    },
  };
}

test('a turn is emitted a second and a half after its span has ended', () => {
  const { turns, emitted, start, end, call } = collector();
  const agent = start();
  call(agent);
  end(agent);
  expect(turns.callCount).toBe(1);
  vi.advanceTimersByTime(1_499);
  expect(emitted).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(emitted).toHaveLength(1);
  expect(turns.callCount).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('a turn whose span ends between two looks is emitted by the next one after its grace', () => {
  const { emitted, start, end, call } = collector();
  const agent = start();
  call(agent);
  vi.advanceTimersByTime(1_000);
  end(agent);
  vi.advanceTimersByTime(500);
  expect(emitted).toHaveLength(0);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
});

test('a turn whose span ends long after its calls does not wait for the next look at all turns', () => {
  const { emitted, start, end, call } = collector();
  const root = start({});
  const agent = start(AGENT, root);
  call(agent);
  vi.advanceTimersByTime(2_000);
  end(agent);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
});

test('a turn that has ended does not wait for calls of others', () => {
  const { emitted, start, end, call } = collector();
  const [agent, other] = [start(), start()];
  call(agent, { prompt: 'mine' });
  end(agent);
  for (let second = 0; second < 2; second += 1) {
    vi.advanceTimersByTime(1_000);
    call(other, { prompt: 'theirs' });
  }
  expect(emitted.map(({ calls }) => calls[0].question?.text)).toEqual(['mine']);
});

test('a turn that does not end is looked at once a minute', () => {
  const { emitted, start, call } = collector({ maxAgeMs: 10_000 });
  call(start());
  vi.advanceTimersByTime(MINUTE);
  expect(emitted).toHaveLength(0);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
  expect(vi.getTimerCount()).toBe(0);
});

test('a turn that does not end is emitted ten minutes after its last call', () => {
  const { emitted, start, call } = collector();
  call(start());
  vi.advanceTimersByTime(10 * MINUTE);
  expect(emitted).toHaveLength(0);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
});

test('a flush emits a turn that is exactly too old, although its span is open', () => {
  const { turns, emitted, start, call } = collector();
  call(start());
  vi.setSystemTime(T0 + 10 * MINUTE - 1);
  turns.emitEnded();
  expect(emitted).toHaveLength(0);
  vi.setSystemTime(T0 + 10 * MINUTE);
  turns.emitEnded();
  expect(emitted).toHaveLength(1);
});

test('above the limit of calls, the oldest turn is emitted, with all its calls', () => {
  const { turns, emitted, start, call } = collector({ maxCalls: 3 });
  const [first, second] = [start(), start()];
  for (const agent of [first, second, first]) call(agent);
  expect(emitted).toHaveLength(0);
  call(second);
  expect(emitted.map(({ calls }) => calls.length)).toEqual([2]);
  expect(turns.callCount).toBe(2);
});

test('a collector holds five thousand calls by default', () => {
  const { turns, emitted, start, call } = collector();
  for (let index = 0; index < 5_000; index += 1) call(start());
  expect(emitted).toHaveLength(0);
  call(start());
  expect(emitted).toHaveLength(1);
  expect(turns.callCount).toBe(5_000);
});

test('a call without a span above it is a turn that is emitted at once', () => {
  const { turns, emitted, call } = collector();
  call(undefined);
  expect(emitted).toHaveLength(1);
  expect(turns.callCount).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

test('calls of one turn come in the order of their starts, whatever order they end in', () => {
  const { turns, emitted, start, call } = collector();
  const agent = start();
  for (const order of [2, 3, 1]) call(agent, { order, requestModel: `model ${order}` });
  turns.emitAll();
  expect(emitted[0]?.calls.map((each) => each.call.requestModel)).toEqual(['model 1', 'model 2', 'model 3']);
});

test('of the calls of a turn only the first span keeps its attributes, and all keep who asked', () => {
  const { turns, emitted, start, call } = collector();
  const agent = start();
  for (const prompt of ['one', 'two']) call(agent, { prompt });
  turns.emitAll();
  expect(emitted[0]?.calls.map(({ span }) => span.attributes)).toEqual([{ key: 'value' }, {}]);
  expect(emitted[0]?.calls.map(({ contextIdentity }) => contextIdentity)).toEqual([
    { userId: 'user 1' },
    { userId: 'user 2' },
  ]);
});

test('a buffered call keeps no message that no record shows', () => {
  const { turns, emitted, start, call } = collector();
  const inputMessages = ['old question', 'question'].map((text) => textMessage('user', text));
  call(start(), { inputMessages });
  turns.emitAll();
  expect(emitted[0]?.calls[0].call.inputMessages).toEqual([textMessage('user', 'question')]);
});

test('a turn that is emitted before another one below its root leaves the calls of that one', () => {
  const { turns, emitted, start, end, call } = collector();
  const root = start({});
  const [first, second] = [start(AGENT, root), start(AGENT, root)];
  call(first, { prompt: 'first' });
  call(second, { prompt: 'second' });
  end(first);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
  expect(turns.callCount).toBe(1);
  end(second);
  turns.emitEnded();
  expect(emitted.map(({ calls }) => calls[0].question?.text)).toEqual(['first', 'second']);
});

test('a turn without an answer waits for its agent and for the root above', () => {
  const { emitted, start, end, call } = collector();
  const root = start({});
  const agent = start(AGENT, root);
  call(agent, { outputMessages: [toolCallMessage('search')] });
  end(agent);
  vi.advanceTimersByTime(10_000);
  expect(emitted).toHaveLength(0);
  end(root);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
});

test('a turn waits for a call below its agent that is open, also after the agent has ended', () => {
  const { emitted, start, end, call } = collector();
  const agent = start();
  const stream = start({ 'gen_ai.operation.name': 'chat' }, agent);
  call(agent);
  end(agent);
  vi.advanceTimersByTime(10_000);
  expect(emitted).toHaveLength(0);
  end(stream);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(1);
});

test('calls that come after their turn was emitted are a turn with another id', () => {
  const { turns, emitted, start, call } = collector();
  const agent = start();
  for (let turn = 0; turn < 2; turn += 1) {
    call(agent);
    turns.emitAll();
  }
  expect(new Set(emitted.map(({ id }) => id)).size).toBe(2);
});

test('no timer is left behind when everything was emitted, and one runs for the next turn', () => {
  const { turns, emitted, start, end, call } = collector();
  call(start());
  turns.emitAll();
  expect(vi.getTimerCount()).toBe(0);
  const agent = start();
  call(agent);
  end(agent);
  vi.advanceTimersByTime(1_500);
  expect(emitted).toHaveLength(2);
});
