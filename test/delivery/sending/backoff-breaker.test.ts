import { expect, test } from 'vitest';
import { backoffMs, Breakers } from '../../../src/delivery/sending/backoff-breaker.js';
import { ManualRuntime } from '../../support/manual-runtime.js';

test('The backoff is drawn from a window that doubles from 1 s up to 30 s', () => {
  const longest = [1, 2, 3, 4, 5, 6, 50, 5_000].map((failures) => backoffMs(failures, () => 1));
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('The backoff uses the whole window, but is never shorter than 100 ms', () => {
  expect(backoffMs(3, () => 0.5)).toBe(2_000);
  expect(backoffMs(3, () => 0)).toBe(100);
});

/** Breakers at time 0, whose backoff is always the whole window. */
function breakers() {
  const runtime = new ManualRuntime(0);
  const both = new Breakers(runtime);
  const fails = (kind: 'prompt' | 'event', scope: 'destination' | 'kind', retryAfterMs?: number): void =>
    both.onFailure(kind, both.onStart(kind), { scope, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  const next = (): number[] => [both.nextStartMs('prompt'), both.nextStartMs('event')];
  return { runtime, both, fails, next };
}

const NEVER = Number.POSITIVE_INFINITY;

test('A failing destination stops both kinds, and the backoff grows with each failed probe', async () => {
  const { runtime, both, fails, next } = breakers();
  expect(both.state).toBe('sending');
  fails('prompt', 'destination');
  expect([both.state, ...next()]).toEqual(['backing-off', 1_000, 1_000]);
  await runtime.advance(1_000);
  fails('prompt', 'destination');
  expect(next()).toEqual([3_000, 3_000]);
  await runtime.advance(2_000);
  both.onSuccess('prompt', both.onStart('prompt'));
  expect([both.state, ...next()]).toEqual(['sending', 0, 0]);
  fails('prompt', 'destination');
  expect(next()).toEqual([4_000, 4_000]);
});

test('A failing path of one kind does not stop the other', () => {
  const { both, fails, next } = breakers();
  fails('event', 'kind');
  expect([both.state, ...next()]).toEqual(['backing-off', 0, 1_000]);
});

test('Nothing starts while the probe is on its way, and a failure of the path means that the destination answers', async () => {
  const { runtime, both, fails, next } = breakers();
  fails('event', 'destination');
  await runtime.advance(1_000);
  const probes = both.onStart('event');
  expect(probes).toEqual({ destination: true, kind: false });
  expect([both.state, ...next()]).toEqual(['probing', NEVER, NEVER]);
  both.onFailure('event', probes, { scope: 'kind' });
  expect(next()).toEqual([0, 2_000]);
});

test('A failed destination says nothing about the path of a kind that was probed as well', async () => {
  const { runtime, both, fails, next } = breakers();
  fails('event', 'kind');
  await runtime.advance(1_000);
  const probes = both.onStart('event');
  both.onFailure('event', probes, { scope: 'destination' });
  expect(next()).toEqual([2_000, 2_000]);
  await runtime.advance(1_000);
  expect(both.onStart('event')).toEqual({ destination: true, kind: true });
});

test('A probe that succeeds clears the kind as well as the destination', async () => {
  const { runtime, both, fails, next } = breakers();
  fails('event', 'kind');
  await runtime.advance(1_000);
  both.onSuccess('event', both.onStart('event'));
  expect([both.state, ...next()]).toEqual(['sending', 0, 0]);
});

test('Of requests that were sent together the first failure decides, and late results change nothing', async () => {
  const { runtime, both, next } = breakers();
  const [first, second, third] = [both.onStart('prompt'), both.onStart('prompt'), both.onStart('prompt')];
  both.onFailure('prompt', first, { scope: 'destination' });
  await runtime.advance(500);
  both.onFailure('prompt', second, { scope: 'destination' });
  both.onUnauthorized('prompt', third);
  expect([both.state, ...next()]).toEqual(['backing-off', 1_000, 1_000]);
  await runtime.advance(500);
  const probe = both.onStart('prompt');
  both.onSuccess('prompt', third);
  expect(both.state).toBe('probing');
  both.onSuccess('prompt', probe);
  expect(both.state).toBe('sending');
});

test('Retry-After is the least wait, the longest of several counts, and a flush does not skip it', async () => {
  const { runtime, both, fails, next } = breakers();
  const late = both.onStart('prompt');
  fails('prompt', 'destination', 10_000);
  both.onFailure('prompt', late, { scope: 'destination', retryAfterMs: 2_000 });
  expect(next()).toEqual([10_000, 10_000]);
  both.onFlush();
  expect(next()).toEqual([10_000, 10_000]);
  await runtime.advance(10_000);
  fails('prompt', 'destination');
  expect(next()).toEqual([12_000, 12_000]);
});

test('A flush skips the backoff of destination and kinds, and never moves a start into the future', async () => {
  const { runtime, both, fails, next } = breakers();
  fails('prompt', 'destination');
  both.onFlush();
  expect(next()).toEqual([0, 0]);
  await runtime.advance(1);
  both.onFlush();
  expect(next()).toEqual([0, 0]);
  both.onSuccess('prompt', both.onStart('prompt'));
  fails('event', 'kind');
  both.onFlush();
  expect(next()).toEqual([0, 1]);
});

test('Refused credentials are tried each minute, and by flushes at most once a second', async () => {
  const { runtime, both, next } = breakers();
  await runtime.advance(100);
  both.onUnauthorized('prompt', both.onStart('prompt'));
  expect([both.state, ...next()]).toEqual(['unauthorized', 60_100, 60_100]);
  await runtime.advance(400);
  both.onFlush();
  expect(next()).toEqual([1_100, 1_100]);
  await runtime.advance(5_000);
  both.onFlush();
  expect(next()).toEqual([1_100, 1_100]);
});

test('A probe that we aborted decides nothing: the next request is the probe, at once', async () => {
  const { runtime, both, fails, next } = breakers();
  fails('prompt', 'destination');
  await runtime.advance(1_000);
  both.onInconclusive('prompt', both.onStart('prompt'));
  expect([both.state, ...next()]).toEqual(['backing-off', 1_000, 1_000]);
  expect(both.onStart('prompt').destination).toBe(true);
});

test('A request that we aborted, and that was no probe, decides nothing', () => {
  const { both, next } = breakers();
  both.onInconclusive('prompt', both.onStart('prompt'));
  expect([both.state, ...next()]).toEqual(['sending', 0, 0]);
});
