import { expect, test } from 'vitest';
import type { BufferedSpan } from '../../../../../src/server/ingest/otlp/joining/buffered-span.js';
import { CallGroups } from '../../../../../src/server/ingest/otlp/joining/call-groups.js';
import { SpanBuffer } from '../../../../../src/server/ingest/otlp/joining/span-buffer.js';
import { makeChatSpan } from '../../../../support/span.js';

test('a call that was outermost is told of when a span around it comes, as is the new outermost one', () => {
  const buffer = new SpanBuffer();
  const groups = new CallGroups(buffer);
  const inner = buffer.add(makeChatSpan({ spanId: 'b1', parentSpanId: 'a1' }));
  expect(groups.regroup([inner])).toEqual(new Set([inner]));
  const outer = buffer.add(makeChatSpan({ spanId: 'a1' }));
  const changed = [...groups.changedBy([outer], new Set())];
  expect(new Set(changed)).toEqual(new Set([outer, inner]));
  // The record of the inner one has to go, so it is among them.
  expect(groups.regroup(changed)).toEqual(new Set([inner, outer]));
  expect(groups.rootOf(inner)).toBe(outer);
  expect(groups.membersOf(outer)).toEqual(new Set([outer, inner]));
  expect(groups.regroup(changed)).toEqual(new Set([outer]));
});

test('a span that has another parent now is no longer nested where it was', () => {
  const buffer = new SpanBuffer();
  const groups = new CallGroups(buffer);
  const outer = buffer.add(makeChatSpan({ spanId: 'a1' }));
  const inner = buffer.add(makeChatSpan({ spanId: 'b1', parentSpanId: 'a1' }));
  groups.regroup([outer, inner]);
  expect(groups.membersOf(outer)).toEqual(new Set([outer, inner]));
  // Delivered again, with a later end and without a parent.
  const moved = buffer.add(makeChatSpan({ spanId: 'b1', durationMs: 60_000 }));
  expect(moved).toBe(inner);
  expect(groups.regroup([inner])).toEqual(new Set([outer, inner]));
  expect(groups.membersOf(outer)).toEqual(new Set([outer]));
});

test('a forgotten span has no place, and no calls are counted below it', () => {
  const buffer = new SpanBuffer();
  const groups = new CallGroups(buffer);
  const [agent, call] = [
    buffer.add(makeChatSpan({ spanId: 'a1' })),
    buffer.add(makeChatSpan({ spanId: 'b1' })),
  ];
  groups.placeOf(agent);
  groups.callsBelow.count(call, [agent], true);
  expect(groups.callsBelow.hasCall(agent)).toBe(true);
  groups.forget(agent);
  expect([groups.find(agent), groups.callsBelow.hasCall(agent)]).toEqual([undefined, false]);
});

test('the walk up from the deepest span answers for all spans on its way', () => {
  const buffer = new SpanBuffer();
  const groups = new CallGroups(buffer);
  const spans = Array.from({ length: 500 }, (_, at) =>
    buffer.add(makeChatSpan({ spanId: `a${at}`, ...(at > 0 && { parentSpanId: `a${at - 1}` }) })),
  );
  const [outermost, deepest] = [spans[0], spans.at(-1)];
  expect(groups.regroup(spans.toReversed())).toEqual(new Set([outermost]));
  const known = new Map<BufferedSpan, BufferedSpan>();
  expect(deepest && groups.rootOf(deepest, known)).toBe(outermost);
  expect(known.size).toBe(500);
  expect(new Set(known.values())).toEqual(new Set([outermost]));
});
