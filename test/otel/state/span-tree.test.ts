import { expect, test, vi } from 'vitest';
import type { OpenSpan } from '../../../src/otel/state/open-span.js';
import { SpanTree } from '../../../src/otel/state/span-tree.js';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import { makeCall, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

const CHAT = { 'gen_ai.operation.name': 'chat' };
const CONTENT: CallSketch = { prompt: 'question', answer: 'answer' };

interface StartOptions {
  readonly attributes?: Record<string, unknown>;
  readonly library?: string;
}

/** A tree, and what it reports: `name` of a final call, followed by `?` if it may come again, or `duplicate`. */
function spanTree(maxOpen?: number) {
  const reported: string[] = [];
  const tree = new SpanTree(
    {
      onFinalCall: ({ call }, mayRepeat) => reported.push(`${call.requestModel}${mayRepeat ? '?' : ''}`),
      onDuplicate: () => reported.push('duplicate'),
    },
    maxOpen,
  );
  const start = (parent?: OpenSpan, { attributes = {}, library = 'a' }: StartOptions = {}): OpenSpan =>
    tree.onSpanStart(spanOf(library, attributes, parent), undefined);
  const startCall = (parent?: OpenSpan, library = 'a'): OpenSpan =>
    start(parent, { attributes: CHAT, library });
  /** Ends an LLM span whose call has `name` as its model. */
  const endCall = (open: OpenSpan, name: string, fields: CallSketch = CONTENT): void => {
    tree.onSpanEnd(open.span);
    const call = makeCall({ requestModel: name, ...fields });
    tree.finishCall(open, {
      call,
      span: open.span,
      ancestors: [],
      contextIdentity: undefined,
      startOrder: open.startOrder,
    });
  };
  const end = (open: OpenSpan): void => tree.onSpanEnd(open.span).settle();
  return { tree, reported, start, startCall, endCall, end };
}

function spanOf(library: string, attributes: Record<string, unknown>, parent?: OpenSpan): SpanLike {
  const parentSpanId = parent?.span.spanContext().spanId;
  return {
    ...makeSpan({ attributes, ...(parentSpanId !== undefined && { parentSpanId }) }),
    instrumentationScope: { name: library },
  };
}

test('work that waits for the end of a span runs once at its end, and at once after it', () => {
  const { start, end } = spanTree();
  const span = start();
  const [early, late] = [vi.fn<() => void>(), vi.fn<() => void>()];
  span.whenEnded(early);
  expect(early).not.toHaveBeenCalled();
  end(span);
  expect(early).toHaveBeenCalledOnce();
  expect(span.hasEnded).toBe(true);
  span.markEnded();
  expect(early).toHaveBeenCalledOnce();
  span.whenEnded(late);
  expect(late).toHaveBeenCalledOnce();
});

test('work that waits for the spans below runs once, when the last of them is settled', () => {
  const { start, end } = spanTree();
  const top = start();
  const [left, right] = [start(top), start(top)];
  const deep = start(left);
  const work = vi.fn<() => void>();
  top.whenSettledBelow(work);
  end(left);
  end(right);
  expect(work).not.toHaveBeenCalled();
  expect(top.isSettledBelow).toBe(false);
  end(deep);
  expect(work).toHaveBeenCalledOnce();
  expect(top.isSettledBelow).toBe(true);
  top.whenSettledBelow(work);
  expect(work).toHaveBeenCalledTimes(2);
});

test('a span whose children are settled is not settled itself before it has ended', () => {
  const { start, end } = spanTree();
  const top = start();
  const middle = start(top);
  const deep = start(middle);
  end(deep);
  expect(middle.isSettledBelow).toBe(true);
  expect(top.isSettledBelow).toBe(false);
  end(middle);
  expect(top.isSettledBelow).toBe(true);
});

test('the last span of a deep tree settles all spans above it that have ended', () => {
  const { start, end } = spanTree();
  const spans = [start()];
  for (let depth = 0; depth < 4; depth += 1) spans.push(start(spans.at(-1)));
  const [top, ...below] = spans;
  const work = vi.fn<() => void>();
  top?.whenSettledBelow(work);
  for (const span of below) end(span);
  expect(work).toHaveBeenCalledOnce();
});

test('a span that is settled twice counts once', () => {
  const { start, end } = spanTree();
  const top = start();
  const [first] = [start(top), start(top)];
  end(first);
  first.settle();
  expect(top.isSettledBelow).toBe(false);
});

test('open calls are counted in all spans above, and no other spans', () => {
  const { start, startCall, end, endCall } = spanTree();
  const top = start();
  const middle = start(top);
  const calls = [startCall(middle), startCall(middle)];
  const other = start(middle);
  expect([top.openCallsBelow, middle.openCallsBelow]).toEqual([2, 2]);
  end(other);
  expect([top.openCallsBelow, middle.openCallsBelow]).toEqual([2, 2]);
  calls.forEach((call, index) => endCall(call, `call ${index}`));
  expect([top.openCallsBelow, middle.openCallsBelow]).toEqual([0, 0]);
});

test('an inner call waits for the call around it, and becomes one with it', () => {
  const { reported, startCall, endCall } = spanTree();
  const outer = startCall();
  const inner = startCall(outer);
  endCall(inner, 'inner');
  expect(reported).toEqual([]);
  endCall(outer, 'outer');
  expect(reported).toEqual(['outer']);
  expect(outer.abandon()).toEqual([]);
});

test('an inner call gives the call around it what that lacks', () => {
  const usages: unknown[] = [];
  const tree = new SpanTree({
    onFinalCall: ({ call }) => usages.push(call.usage),
    onDuplicate: () => undefined,
  });
  const outer = tree.onSpanStart(spanOf('a', CHAT), undefined);
  const inner = tree.onSpanStart(spanOf('a', CHAT, outer), undefined);
  for (const [open, usage] of [
    [inner, { inputTokens: 7 }],
    [outer, {}],
  ] as const) {
    const call = makeCall({ ...CONTENT, usage });
    tree.onSpanEnd(open.span);
    const { span, startOrder } = open;
    tree.finishCall(open, { call, span, ancestors: [], contextIdentity: undefined, startOrder });
  }
  expect(usages).toEqual([{ inputTokens: 7 }]);
});

test('a call that was handed on settles the spans above it', () => {
  const { startCall, endCall, start } = spanTree();
  const top = start();
  endCall(startCall(top), 'call');
  expect(top.isSettledBelow).toBe(true);
});

test('a call is counted once, however often others end while it is open', () => {
  const { reported, start, startCall, end, endCall } = spanTree();
  const late = start(undefined, { attributes: {}, library: 'b' });
  Object.assign(late.span.attributes, CHAT);
  for (const name of ['first', 'second']) endCall(startCall(), name);
  end(late);
  endCall(startCall(), 'third');
  expect(reported).toEqual(['first?', 'second?', 'third']);
});

test('an inner call is final if the call around it could not be read or had no content', () => {
  const { tree, reported, startCall, endCall } = spanTree();
  const [unread, empty] = [startCall(), startCall()];
  const [early, late] = [startCall(unread), startCall(unread)];
  const inEmpty = startCall(empty);
  endCall(early, 'early');
  tree.onSpanEnd(unread.span);
  tree.finishCall(unread, undefined);
  expect(reported).toEqual(['early']);
  endCall(late, 'late');
  endCall(empty, 'empty', {});
  endCall(inEmpty, 'in empty');
  expect(reported).toEqual(['early', 'late', 'empty', 'in empty']);
});

test('an inner call that ends after the call around it was recorded is a duplicate', () => {
  const { reported, startCall, endCall } = spanTree();
  const outer = startCall();
  const inner = startCall(outer);
  endCall(outer, 'outer');
  endCall(inner, 'inner');
  expect(reported).toEqual(['outer', 'duplicate']);
});

test('a call may repeat while a call of another library is open, and only then', () => {
  const { reported, startCall, endCall } = spanTree();
  const others = [startCall(undefined, 'b'), startCall(undefined, 'b')] as const;
  endCall(startCall(), 'two are open');
  endCall(others[0], 'of b');
  endCall(startCall(), 'one is open');
  endCall(others[1], 'of b');
  endCall(startCall(), 'none is open');
  expect(reported).toEqual(['two are open?', 'of b', 'one is open?', 'of b', 'none is open']);
});

test('calls of one library do not make each other wait', () => {
  const { reported, startCall, endCall } = spanTree();
  const open = startCall();
  endCall(startCall(), 'second');
  endCall(open, 'first');
  expect(reported).toEqual(['second', 'first']);
});

test('a span that becomes an LLM span after its start counts from then on, and not after its end', () => {
  const { reported, start, startCall, end, endCall } = spanTree();
  const [late, lateAndEnded] = [{}, {}];
  const open = start(undefined, { attributes: late, library: 'b' });
  endCall(startCall(), 'before');
  Object.assign(lateAndEnded, CHAT);
  const ended = start(undefined, { attributes: {}, library: 'c' });
  Object.assign(ended.span.attributes, CHAT);
  end(ended);
  endCall(startCall(), 'ended');
  const second = start(undefined, { attributes: {}, library: 'b' });
  Object.assign(second.span.attributes, CHAT);
  endCall(startCall(), 'open');
  end(second);
  end(open);
  endCall(startCall(), 'after');
  expect(reported).toEqual(['before', 'ended', 'open?', 'after']);
});

test('a span counts as open call when it says what it is, however many calls have ended since its start', () => {
  const { tree, reported, start, startCall, end, endCall } = spanTree();
  const agent = start();
  const late = start(agent, { attributes: {}, library: 'b' });
  const others = Array.from({ length: 400 }, () => start(undefined, { attributes: {}, library: 'c' }));
  for (const name of ['first', 'second', 'third']) endCall(startCall(), name);
  expect(tree.canBeCall(agent)).toBe(true);
  Object.assign(late.span.attributes, CHAT);
  expect(tree.canBeCall(agent)).toBe(false);
  endCall(startCall(), 'beside it');
  endCall(late, 'late');
  for (const other of others) end(other);
  endCall(startCall(), 'after it');
  expect(reported).toEqual(['first', 'second', 'third', 'beside it?', 'late', 'after it']);
});

test('a span that was read and has ended does not count as open', () => {
  const { reported, start, startCall, end, endCall } = spanTree();
  const late = start(undefined, { attributes: {}, library: 'b' });
  endCall(startCall(), 'first');
  Object.assign(late.span.attributes, CHAT);
  end(late);
  endCall(startCall(), 'second');
  expect(reported).toEqual(['first', 'second']);
});

test('of many open spans some are read at the end of each call, in turn', () => {
  const { tree, start } = spanTree();
  const agent = start();
  const spans = Array.from({ length: 2_000 }, () => start(agent, { attributes: {} }));
  tree.canBeCall(agent);
  Object.assign(spans[1_500]?.span.attributes ?? {}, CHAT);
  const looks = Array.from({ length: 4 }, () => tree.canBeCall(agent));
  expect(looks).toEqual([true, true, true, false]);
});

test('the end of another span of a library does not end its open call', () => {
  const { reported, start, startCall, end, endCall } = spanTree();
  startCall(undefined, 'b');
  end(start(undefined, { library: 'b' }));
  endCall(startCall(), 'call');
  expect(reported).toEqual(['call?']);
});

test('spans have a parent only while it is open, and are numbered in the order of their starts', () => {
  const { start, end } = spanTree();
  const top = start();
  const child = start(top);
  expect(child.parent).toBe(top);
  expect(child.startOrder).toBeGreaterThan(top.startOrder);
  end(top);
  expect(start(top).parent).toBeUndefined();
  expect(child.ancestors()).toEqual([top]);
});

test('as many spans as allowed are open, and the oldest is forgotten for the next one', () => {
  const { start } = spanTree(2);
  const [oldest, second] = [start(), start()];
  expect(oldest.hasEnded).toBe(false);
  start();
  expect(oldest.hasEnded).toBe(true);
  expect(oldest.isSettledBelow).toBe(true);
  expect(start(second).parent).toBe(second);
});

test('a forgotten span hands over its inner calls, and those that end later are final', () => {
  const { reported, startCall, endCall, start } = spanTree(3);
  const outer = startCall();
  const [early, late] = [startCall(outer), startCall(outer)];
  endCall(early, 'early');
  expect(reported).toEqual([]);
  start();
  start();
  expect(reported).toEqual(['early?']);
  endCall(late, 'late');
  expect(reported).toEqual(['early?', 'late']);
});

test('a forgotten call that ends after all is counted as ended once', () => {
  const { reported, startCall, endCall } = spanTree(3);
  const [forgotten, open] = [startCall(undefined, 'b'), startCall(undefined, 'b')];
  startCall(undefined, 'a');
  endCall(startCall(undefined, 'a'), 'first');
  endCall(forgotten, 'forgotten');
  endCall(startCall(undefined, 'a'), 'second');
  expect(reported).toEqual(['first?', 'forgotten?', 'second?']);
  expect(open.hasEnded).toBe(false);
});

test('a forgotten span keeps what was known of it until its end', () => {
  const { tree, start } = spanTree(1);
  const forgotten = start();
  start();
  expect(tree.onSpanEnd(forgotten.span)).toBe(forgotten);
});

test('clear hands over inner calls, and forgets all spans and open calls', () => {
  const { tree, reported, start, startCall, endCall } = spanTree();
  const outer = startCall(undefined, 'b');
  endCall(startCall(outer, 'b'), 'inner');
  const readOnce = start(undefined, { attributes: {}, library: 'd' });
  tree.canBeCall(readOnce);
  const undecided = start(undefined, { attributes: {}, library: 'c' });
  const work = vi.fn<() => void>();
  undecided.whenEnded(work);
  tree.clear();
  expect(reported).toEqual(['inner?']);
  expect(work).toHaveBeenCalledOnce();
  expect(outer.abandon()).toEqual([]);
  for (const { span } of [undecided, readOnce]) Object.assign(span.attributes, CHAT);
  endCall(startCall(), 'after');
  expect(reported).toEqual(['inner?', 'after']);
  expect(start(outer).parent).toBeUndefined();
});

test('an abandoned span settles the spans above it', () => {
  const { start } = spanTree();
  const top = start();
  start(top).abandon();
  expect(top.isSettledBelow).toBe(true);
});

test('an inner call that is not admitted is neither merged nor handed over', () => {
  const reported: (string | undefined)[] = [];
  const tree = new SpanTree({
    onFinalCall: ({ call }) => reported.push(call.requestModel),
    onDuplicate: () => undefined,
    isAdmitted: ({ call }) => call.requestModel !== 'refused',
  });
  const outer = tree.onSpanStart(spanOf('a', CHAT), undefined);
  for (const requestModel of ['refused', 'admitted']) {
    const { span, startOrder } = tree.onSpanStart(spanOf('a', CHAT, outer), undefined);
    const inner = tree.onSpanEnd(span);
    const call = makeCall({ ...CONTENT, requestModel });
    tree.finishCall(inner, { call, span, ancestors: [outer.span], contextIdentity: undefined, startOrder });
  }
  tree.onSpanEnd(outer.span);
  tree.finishCall(outer, undefined);
  expect(reported).toEqual(['admitted']);
});

test('an agent can be a call if no call was recorded below it and none is open there', () => {
  const { tree, start, startCall, endCall } = spanTree();
  const [alone, withCall, withOpenCall, withLateCall] = [start(), start(), start(), start()];
  endCall(startCall(withCall), 'call');
  startCall(withOpenCall);
  Object.assign(start(withLateCall).span.attributes, CHAT);
  const agents = [alone, withCall, withOpenCall, withLateCall];
  expect(agents.map((agent) => tree.canBeCall(agent))).toEqual([true, false, false, false]);
});

test('an agent that was handed on settles the spans above it', () => {
  const { tree, start } = spanTree();
  const top = start();
  const agent = start(top);
  tree.onSpanEnd(agent.span);
  tree.finishAgent(agent, undefined);
  expect(top.isSettledBelow).toBe(true);
});

/** A tree that tells which calls wait, and into which call others went. Spans are named by `names`. */
function toldTree(names: readonly string[]) {
  const told: string[] = [];
  const ids: string[] = [];
  const nameOf = (id: string): string => names[ids.indexOf(id)] ?? 'unknown';
  const tree = new SpanTree({
    onFinalCall: ({ call }) => told.push(`${nameOf(call.spanId)} is final`),
    onDuplicate: () => undefined,
    onMerged: (id, into) => told.push(`${nameOf(id)} into ${nameOf(into)}`),
    onInnerCall: (id) => told.push(`${nameOf(id)} waits`),
  });
  const start = (operation: string, parent?: OpenSpan): OpenSpan => {
    const span = spanOf('a', { 'gen_ai.operation.name': operation }, parent);
    ids.push(span.spanContext().spanId);
    return tree.onSpanStart(span, undefined);
  };
  const finished = (open: OpenSpan) => ({
    call: makeCall({ ...CONTENT, spanId: open.span.spanContext().spanId }),
    span: open.span,
    ancestors: [],
    contextIdentity: undefined,
    startOrder: open.startOrder,
  });
  return { tree, told, start, finished };
}

test('it is told that an inner call waits, and then that it went into the call around it', () => {
  const { tree, told, start, finished } = toldTree(['outer', 'inner']);
  const outer = start('chat');
  const inner = start('chat', outer);
  for (const open of [inner, outer]) {
    tree.onSpanEnd(open.span);
    tree.finishCall(open, finished(open));
  }
  expect(told).toEqual(['inner waits', 'inner into outer', 'outer is final']);
});

test('it is told that the call of an agent went into that of the agent around it', () => {
  const { tree, told, start, finished } = toldTree(['outer', 'inner']);
  const outer = start('invoke_agent');
  const inner = start('invoke_agent', outer);
  for (const open of [inner, outer]) {
    tree.onSpanEnd(open.span);
    tree.finishAgent(open, finished(open));
  }
  expect(told).toEqual(['inner into outer', 'outer is final']);
});

test('of the open calls as many are returned as are asked for, the last one first', () => {
  const { tree, startCall, start } = spanTree();
  const [first, , third] = [startCall(), start(), startCall(), start()];
  expect(tree.openCalls(2)).toEqual([third.span, first.span]);
  expect(tree.openCalls(1)).toEqual([third.span]);
});
