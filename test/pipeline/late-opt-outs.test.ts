import { afterEach, expect, test } from 'vitest';
import { LateOptOuts } from '../../src/pipeline/late-opt-outs.js';
import { isOptedOutTarget } from '../../src/pipeline/opted-out-calls.js';
import type { OptOutState } from '../../src/common/context-identity.js';

const ids = Array.from({ length: 1_002 }, (_, index) => `record-${index}`);

/** A check whose answer the test changes. Counts how often it is asked. */
function check(first: OptOutState) {
  const answer = { state: first, asked: 0 };
  const ask = (): OptOutState => {
    answer.asked += 1;
    return answer.state;
  };
  return { answer, ask };
}

afterEach(() => {
  const optedOut = Symbol.for('opentelemetry-exporter-trubrics.opted-out.2');
  (globalThis as Record<symbol, unknown>)[optedOut] = undefined;
});

test('a record that is withdrawn is remembered, so that feedback on it is refused', () => {
  const optOuts = new LateOptOuts();
  const [withdrawn, kept] = [check('withdrawn'), check('kept')];
  optOuts.add('a', withdrawn.ask);
  optOuts.add('b', kept.ask);
  expect(optOuts.checkOf('a')).toBe(withdrawn.ask);
  expect(optOuts.checkOf(undefined)).toBeUndefined();
  optOuts.findWithdrawn();
  expect(isOptedOutTarget({ recordId: 'a' })).toBe(true);
  expect(isOptedOutTarget({ recordId: 'b' })).toBe(false);
  expect([optOuts.checkOf('a'), optOuts.checkOf('b')]).toEqual([undefined, undefined]);
});

test('the check of a record is kept until it is decided', () => {
  const optOuts = new LateOptOuts();
  const { answer, ask } = check('open');
  optOuts.add('a', ask);
  optOuts.findWithdrawn();
  expect(optOuts.checkOf('a')).toBe(ask);
  expect(isOptedOutTarget({ recordId: 'a' })).toBe(false);
  answer.state = 'kept';
  optOuts.findWithdrawn();
  expect(optOuts.checkOf('a')).toBeUndefined();
});

test('checks that are decided are forgotten when there are many', () => {
  const optOuts = new LateOptOuts();
  for (const id of ids.slice(0, 1_001)) optOuts.add(id, () => 'kept');
  expect(ids.some((id) => optOuts.checkOf(id))).toBe(false);
});

test('records below spans that stay open are not checked with each new one', () => {
  const optOuts = new LateOptOuts();
  const open = check('open');
  for (const id of ids.slice(0, 1_000)) optOuts.add(id, open.ask);
  expect(open.answer.asked).toBe(0);
  optOuts.add(ids[1_000] ?? '', open.ask);
  expect(open.answer.asked).toBe(1_001);
  optOuts.add(ids[1_001] ?? '', open.ask);
  expect(open.answer.asked).toBe(1_001);
  // Twice the number, then again.
  for (let index = 0; index < 1_001; index += 1) optOuts.add(`more-${index}`, open.ask);
  expect(open.answer.asked).toBe(1_001 + 2_003);
});
