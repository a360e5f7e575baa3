import { expect, test } from 'vitest';
import type { LlmCall } from '../../../../../src/reading/model/llm-call.js';
import type {
  BufferedSpan,
  BufferedTrace,
} from '../../../../../src/server/ingest/otlp/joining/buffered-span.js';
import { ResponseIndex, toEvaluation } from '../../../../../src/server/ingest/otlp/joining/evaluations.js';
import { SameCallIndex } from '../../../../../src/server/ingest/otlp/joining/indexes/same-call-index.js';
import { SettledRecords } from '../../../../../src/server/ingest/otlp/joining/indexes/settled-records.js';
import { SpanBuffer } from '../../../../../src/server/ingest/otlp/joining/span-buffer.js';
import { UnstoredGroups } from '../../../../../src/server/ingest/otlp/joining/unstored-groups.js';
import { makeCall } from '../../../../support/make-call.js';
import { makeSpan } from '../../../../support/span.js';

test('the records of 100,000 forgotten spans are remembered, the last set longest', () => {
  const settled = new SettledRecords();
  for (let at = 0; at < 100_000; at += 1) settled.set(`s${at}`, `r${at}`);
  settled.set('s0', 'again');
  expect(settled.get('s1')).toBe('r1');
  settled.set('new', 'r');
  expect([settled.get('s0'), settled.get('s1'), settled.get('s2'), settled.get('new')]).toEqual([
    'again',
    undefined,
    'r2',
    'r',
  ]);
});

function spansOf(...traceIds: string[]): BufferedSpan[] {
  const buffer = new SpanBuffer();
  return traceIds.map((traceId) => buffer.add(makeSpan({ traceId })));
}
const unstoredOf = (...spans: BufferedSpan[]) => ({
  traces: new Set<BufferedTrace>(spans.map(({ trace }) => trace)),
  spans: new Set(spans),
});

test('what the store may not have is taken once, with all traces that it was read with', () => {
  const groups = new UnstoredGroups();
  const [a, b, c] = spansOf('a', 'b', 'c') as [BufferedSpan, BufferedSpan, BufferedSpan];
  groups.add(unstoredOf(a, b));
  groups.add(unstoredOf(c));
  const taken = groups.take(new Set([a.trace]));
  expect(taken.spans).toEqual(new Set([a, b]));
  expect(taken.traces).toEqual(new Set([a.trace, b.trace]));
  expect(groups.take(new Set([b.trace])).spans.size).toBe(0);
  expect(groups.take(new Set([c.trace])).spans).toEqual(new Set([c]));
});

test('what is stored is forgotten, and nothing is no group', () => {
  const groups = new UnstoredGroups();
  const [a] = spansOf('a') as [BufferedSpan];
  const unstored = unstoredOf(a);
  groups.add(unstored);
  groups.delete(unstored);
  expect(groups.take(new Set([a.trace])).spans.size).toBe(0);
  groups.add({ traces: new Set([a.trace]), spans: new Set() });
  expect(groups.take(new Set([a.trace]))).toEqual({ traces: new Set([a.trace]), spans: new Set() });
});

test('of groups that are not stored, the last thousand are remembered', () => {
  const groups = new UnstoredGroups();
  const spans = spansOf(...Array.from({ length: 1_001 }, (_, at) => `t${at}`));
  for (const span of spans) groups.add(unstoredOf(span));
  const found = (at: number) =>
    groups.take(new Set(spans.slice(at, at + 1).map(({ trace }) => trace))).spans.size;
  expect([found(0), found(1), found(1_000)]).toEqual([0, 1, 1]);
});

const callOf = (scope: string, fields: Partial<LlmCall> = {}): LlmCall =>
  makeCall({ scope, responseId: 'resp-1', ...fields });

test('of thousands of equal calls at the same time, those that start nearest are partners, in whatever order they came', () => {
  const index = new SameCallIndex<string>();
  const at = (startTimeMs: number) => ({ startTimeMs, endTimeMs: startTimeMs + 100_000 });
  const order = Array.from({ length: 3_000 }, (_, step) => (step * 1_009) % 3_000);
  for (const ms of order) index.set(`theirs ${ms}`, [callOf('lib-b', at(ms))]);
  for (let scope = 0; scope < 100; scope += 1)
    index.set(`scope ${scope}`, [callOf(`other ${scope}`, at(90_000))]);
  const [mine] = index.set('mine', [callOf('lib-a', at(1_500))]);
  if (!mine) throw new Error('The call is not in the index.');
  const partners = [...index.partnersOf(mine)].map(({ owner }) => owner);
  const nearest = Array.from({ length: 32 }, (_, step) => `theirs ${1_484 + step}`);
  expect(partners.slice(0, 32)).toEqual(nearest);
  expect(partners.length).toBeLessThanOrEqual(64);
  for (const ms of order) index.remove(`theirs ${ms}`);
  expect([...index.partnersOf(mine)].every(({ owner }) => owner.startsWith('scope'))).toBe(true);
});

test('the first call under a key is a partner of the second, and of none after it was removed', () => {
  const index = new SameCallIndex<string>();
  const partnersOf = (owner: string, scope: string): string[] =>
    index
      .set(owner, [callOf(scope)])
      .flatMap((one) => [...index.partnersOf(one)].map((partner) => partner.owner));
  expect(partnersOf('first', 'lib-a')).toEqual([]);
  expect(partnersOf('second', 'lib-b')).toEqual(['first']);
  index.remove('first');
  index.remove('second');
  expect(partnersOf('third', 'lib-a')).toEqual([]);
  index.remove('third');
  expect(partnersOf('fourth', 'lib-b')).toEqual([]);
});

test('a call of another library is a partner until it is removed or replaced', () => {
  const index = new SameCallIndex<string>();
  const [mine] = index.set('mine', [callOf('lib-a')]);
  expect(mine).toBeDefined();
  const partners = () => (mine ? [...index.partnersOf(mine)].map(({ owner }) => owner) : []);
  expect(partners()).toEqual([]);
  index.set('yours', [callOf('lib-b')]);
  index.set('same library', [callOf('lib-a')]);
  index.set('theirs', [callOf('lib-b')]);
  expect(partners().toSorted()).toEqual(['theirs', 'yours']);
  index.remove('yours');
  expect(partners()).toEqual(['theirs']);
  index.set('theirs', [callOf('lib-b', { responseId: 'resp-2' })]);
  expect(partners()).toEqual([]);
  index.set('theirs', []);
  index.set('yours', [callOf('lib-b'), callOf('lib-c')]);
  expect(partners()).toEqual(['yours', 'yours']);
});

test('a response is found by its id, with its evaluations, each once', () => {
  const index = new ResponseIndex<string>();
  index.setSpan(undefined, 'nobody');
  index.setSpan('r', 'span');
  expect([index.spanOf('r'), index.spanOf('x'), index.spanOf(undefined)]).toEqual([
    'span',
    undefined,
    undefined,
  ]);
  const of = (score: number, responseId: string | undefined = 'r') =>
    toEvaluation(
      { name: 'e', attributes: { score, ...(responseId && { 'gen_ai.response.id': responseId }) } },
      undefined,
    );
  const [first, second] = [of(1), of(2)];
  for (const each of [first, second, of(1), of(3, '')]) index.addEvaluation(each);
  expect(index.evaluationsOf('r')).toEqual([first, second]);
  expect([index.evaluationsOf('x'), index.evaluationsOf(undefined)]).toEqual([[], []]);
});

test('of responses, the last 20,000 are remembered, the last set longest', () => {
  const index = new ResponseIndex<number>();
  for (let at = 0; at < 20_000; at += 1) index.setSpan(`r${at}`, at);
  index.setSpan('r0', 0);
  index.setSpan('new', -1);
  expect([index.spanOf('r0'), index.spanOf('r1'), index.spanOf('r2')]).toEqual([0, undefined, 2]);
});
