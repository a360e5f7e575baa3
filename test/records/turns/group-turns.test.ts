import { describe, expect, test } from 'vitest';
import type { SpanLike } from '../../../src/reading/model/span-like.js';
import {
  groupTurns,
  isAnswered,
  lastToEnd,
  rootKeyOf,
  type TurnCall,
} from '../../../src/records/turns/group-turns.js';
import { questionOf } from '../../../src/records/turns/question.js';
import { makeCall, textMessage, toolCallMessage, type CallSketch } from '../../support/make-call.js';
import { makeSpan } from '../../support/span.js';

const AGENT = { 'gen_ai.operation.name': 'invoke_agent' };
const spanOf = (attributes: Record<string, unknown> = {}, kind = 0): SpanLike => ({
  ...makeSpan({ attributes }),
  kind,
});
const agentSpan = (): SpanLike => spanOf(AGENT);
const requestSpan = (): SpanLike => spanOf({}, 1);

/** A call of half a second that starts after `from` milliseconds. The spans above it are given from the nearest on. */
function callOf(ancestors: readonly SpanLike[], from: number, fields: CallSketch = {}): TurnCall {
  const call = makeCall({
    prompt: 'q',
    answer: 'a',
    startTimeMs: from,
    endTimeMs: from + 500,
    requestModel: `at ${from}`,
    ...fields,
  });
  return { call, span: makeSpan(), ancestors, question: questionOf(call) };
}

const TOOLS: CallSketch = { outputMessages: [toolCallMessage('search')] };
const idOf = (span: SpanLike): string => `${span.spanContext().traceId}-${span.spanContext().spanId}`;
const callId = ({ call }: TurnCall): string => `${call.traceId}-${call.spanId}`;

/** The start times of the calls of each turn. */
const turnsOf = (...calls: readonly TurnCall[]): number[][] =>
  groupTurns(calls).map((turn) => turn.calls.map(({ call }) => call.startTimeMs));

describe('which calls are one turn', () => {
  test('calls below two roots are two turns', () => {
    const [one, two] = [spanOf(), spanOf()];
    expect(turnsOf(callOf([one], 0), callOf([two], 1_000), callOf([one], 2_000))).toEqual([
      [0, 2_000],
      [1_000],
    ]);
  });

  test('calls below an LLM span are one turn, whatever their questions', () => {
    const root = spanOf({ 'gen_ai.operation.name': 'chat' });
    expect(turnsOf(callOf([root], 0), callOf([root], 1_000, { prompt: 'r' }))).toEqual([[0, 1_000]]);
  });

  test('calls below one agent are one turn, the outermost agent counts', () => {
    const [outer, inner, other] = [agentSpan(), agentSpan(), agentSpan()];
    const root = spanOf();
    const calls = [
      callOf([outer, root], 0),
      callOf([inner, outer, root], 1_000, { prompt: 'r' }),
      callOf([other, outer, root], 2_000, { prompt: 's' }),
    ];
    expect(turnsOf(...calls)).toEqual([[0, 1_000, 2_000]]);
  });

  test('calls of a request that no agent makes are one turn', () => {
    const root = requestSpan();
    expect(turnsOf(callOf([root], 0), callOf([root], 1_000, { prompt: 'r' }))).toEqual([[0, 1_000]]);
  });

  test('agents of a request with one question are one turn, with all their further calls', () => {
    const root = requestSpan();
    const [a, b] = [agentSpan(), agentSpan()];
    const calls = [callOf([a, root], 0), callOf([b, root], 1_000), callOf([b, root], 2_000, { prompt: 'r' })];
    expect(turnsOf(...calls)).toEqual([[0, 1_000, 2_000]]);
    expect(turnsOf(callOf([a, root], 0), callOf([b, root], 1_000, { prompt: 'r' }))).toEqual([[0], [1_000]]);
  });

  test('a call of a request outside of its agents lets further such calls join', () => {
    const root = requestSpan();
    const calls = [
      callOf([agentSpan(), root], 0),
      callOf([root], 1_000),
      callOf([root], 2_000, { prompt: 'r' }),
    ];
    expect(turnsOf(...calls)).toEqual([[0, 1_000, 2_000]]);
  });

  test('below another root, the same words asked again are another turn', () => {
    const root = spanOf();
    const again = {
      inputMessages: [textMessage('user', 'q'), textMessage('assistant', 'a'), textMessage('user', 'q')],
    };
    expect(turnsOf(callOf([root], 0), callOf([root], 1_000))).toEqual([[0, 1_000]]);
    expect(turnsOf(callOf([root], 0), callOf([root], 1_000, again))).toEqual([[0], [1_000]]);
  });

  test('a call without a question joins a turn of its thread, and none of another thread', () => {
    const root = spanOf();
    const step = { inputMessages: [], threadId: 'trip' };
    const first = callOf([root], 0, { threadId: 'trip' });
    expect(turnsOf(first, callOf([root], 1_000, step))).toEqual([[0, 1_000]]);
    expect(turnsOf(first, callOf([root], 1_000, { ...step, threadId: 'other' }))).toEqual([[0], [1_000]]);
  });

  test('calls with one question in two threads are two turns, and one without a thread fits any', () => {
    const root = spanOf();
    const [mine, yours] = [{ threadId: 'mine' }, { threadId: 'yours' }];
    expect(turnsOf(callOf([root], 0, mine), callOf([root], 1_000, yours))).toEqual([[0], [1_000]]);
    expect(turnsOf(callOf([root], 0, mine), callOf([root], 1_000))).toEqual([[0, 1_000]]);
    expect(turnsOf(callOf([root], 0), callOf([root], 1_000, yours))).toEqual([[0, 1_000]]);
  });

  test('an agent that hands over without an answer goes on in the next agent', () => {
    const root = spanOf();
    const first = callOf([agentSpan(), root], 0, TOOLS);
    expect(turnsOf(first, callOf([agentSpan(), root], 500))).toEqual([[0, 500]]);
    expect(turnsOf(first, callOf([agentSpan(), root], 500, { prompt: 'r' }))).toEqual([[0], [500]]);
  });

  test('an agent does not join one that has answered or that still works', () => {
    const root = spanOf();
    const answered = callOf([agentSpan(), root], 0);
    expect(turnsOf(answered, callOf([agentSpan(), root], 500))).toEqual([[0], [500]]);
    const working = callOf([agentSpan(), root], 0, TOOLS);
    expect(turnsOf(working, callOf([agentSpan(), root], 400))).toEqual([[0], [400]]);
    expect(turnsOf(working, callOf([agentSpan(), root], 480))).toEqual([[0, 480]]);
  });

  test('a call outside of agents does not join an agent that has answered', () => {
    const root = spanOf();
    expect(turnsOf(callOf([agentSpan(), root], 0), callOf([root], 1_000))).toEqual([[0], [1_000]]);
  });

  test('calls are sorted by start, and within twenty milliseconds by arrival', () => {
    const root = agentSpan();
    expect(turnsOf(callOf([root], 1_000), callOf([root], 0))).toEqual([[0, 1_000]]);
    expect(turnsOf(callOf([root], 20), callOf([root], 0))).toEqual([[20, 0]]);
    expect(turnsOf(callOf([root], 21), callOf([root], 0))).toEqual([[0, 21]]);
  });
});

describe('the id of a turn, and what it waits for', () => {
  test('a turn has the id of its agent, else of the root, else of its call', () => {
    const [root, agent] = [spanOf(), agentSpan()];
    const alone = callOf([], 0);
    expect(groupTurns([callOf([agent, root], 0)])[0]?.id).toBe(idOf(agent));
    expect(groupTurns([callOf([root], 0)])[0]?.id).toBe(idOf(root));
    expect(groupTurns([alone])[0]?.id).toBe(callId(alone));
    expect(rootKeyOf(alone)).toBe(callId(alone));
  });

  test('a turn whose id is taken has that of its first call', () => {
    const root = spanOf();
    const calls = [callOf([root], 0), callOf([root], 1_000, { prompt: 'r' })] as const;
    expect(groupTurns(calls).map(({ id }) => id)).toEqual([idOf(root), callId(calls[1])]);
    expect(groupTurns([calls[0]], new Set([idOf(root)])).map(({ id }) => id)).toEqual([callId(calls[0])]);
  });

  test('a turn waits for its agents, and for the root if further calls can join', () => {
    const [root, agent] = [spanOf(), agentSpan()];
    const request = requestSpan();
    const waitsFor = (call: TurnCall) => groupTurns([call])[0]?.waitsFor;
    expect(waitsFor(callOf([agent, root], 0))).toEqual([agent]);
    expect(waitsFor(callOf([agent, root], 0, TOOLS))).toEqual([agent, root]);
    expect(waitsFor(callOf([root], 0))).toEqual([root]);
    expect(waitsFor(callOf([agent, request], 0))).toEqual([agent, request]);
    expect(waitsFor(callOf([], 0))).toEqual([]);
  });

  test('a turn is answered by text, not by a failure, a call of a tool or nothing', () => {
    expect(isAnswered([callOf([], 0)])).toBe(true);
    expect(isAnswered([callOf([], 0, TOOLS)])).toBe(false);
    expect(isAnswered([callOf([], 0, { error: { type: 'Timeout' } })])).toBe(false);
    expect(isAnswered([callOf([], 0, { outputMessages: [] })])).toBe(false);
    expect(isAnswered([])).toBe(false);
  });

  test('the call that ends last is found, in a tie the one that starts later', () => {
    const [early, late] = [callOf([], 0, { endTimeMs: 5_000 }), callOf([], 1_000, { endTimeMs: 4_979 })];
    expect(lastToEnd([early, late])).toBe(early);
    const tied = callOf([], 1_000, { endTimeMs: 4_980 });
    expect(lastToEnd([early, tied])).toBe(tied);
  });

  test('a call that hands over comes before the call inside it, but not if it has an answer', () => {
    const outer = callOf([], 0, { endTimeMs: 9_000, ...TOOLS });
    const outerSpan = makeSpan({ spanId: outer.call.spanId });
    const inner = callOf([outerSpan], 1_000);
    expect(lastToEnd([outer, inner])).toBe(inner);
    expect(lastToEnd([outer, callOf([], 1_000)])).toBe(outer);
    const answering = { ...outer, call: { ...outer.call, outputMessages: [textMessage('assistant', 'a')] } };
    expect(lastToEnd([answering, inner])).toBe(answering);
  });
});
