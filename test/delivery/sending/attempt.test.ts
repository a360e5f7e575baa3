import { context, createContextKey } from '@opentelemetry/api';
import { expect, test, vi } from 'vitest';
import { attempt, GIVEN_UP, describeError, parseResponse } from '../../../src/delivery/sending/outcome.js';
import type { Destination, DestinationResponse, SendContext } from '../../../src/destinations/destination.js';
import { ManualRuntime } from '../../support/manual-runtime.js';
import { useContextManager } from '../../support/use-context-manager.js';

useContextManager();

const BATCH = { kind: 'prompt', items: ['{}'] } as const;

/** Starts a request of at most a second at a destination whose `send` does this. */
function start(send: (signal: AbortSignal) => Promise<DestinationResponse | void>) {
  const runtime = new ManualRuntime(0);
  const abort = new AbortController();
  const setTimer = vi.spyOn(runtime, 'setTimer');
  const destination = {
    name: 'shop',
    encode: () => '{}',
    send: (_: unknown, { signal }) => send(signal),
  } as Destination;
  return { runtime, abort, setTimer, outcome: attempt(destination, BATCH, 1_000, abort, runtime) };
}

/** The key by which the SDK and all instrumentations know that nothing is to be traced. */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

const hang = (): Promise<never> => new Promise(() => undefined);

test('a request has the response, and leaves no timer', async () => {
  const { runtime, setTimer, outcome } = start(() => Promise.resolve({ status: 204 }));
  expect(await outcome).toEqual({ type: 'responded', response: { status: 204, rejected: [] } });
  expect(runtime.timers).toBe(0);
  expect(setTimer).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 1_000, false);
});

test('a request that hangs times out, even if it ignores its signal', async () => {
  const { runtime, abort, outcome } = start(hang);
  await runtime.advance(1_000);
  expect(await outcome).toEqual({ type: 'timed-out', afterMs: 1_000 });
  expect(abort.signal.aborted).toBe(true);
});

test('a request that nobody waits for is given up, whatever it rejects with', async () => {
  const { abort, outcome } = start(
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  );
  abort.abort(GIVEN_UP);
  expect(await outcome).toEqual({ type: 'given-up' });
});

test('a destination can say how its request is let go on', async () => {
  const onRelease = vi.fn<(release: () => boolean) => void>();
  const contexts: SendContext[] = [];
  const destination: Destination = {
    name: 'shop',
    encode: () => '{}',
    send: async (_batch, given) => void contexts.push(given),
  };
  const runtime = new ManualRuntime(0);
  await attempt(destination, BATCH, 1_000, new AbortController(), runtime, onRelease);
  await attempt(destination, BATCH, 1_000, new AbortController(), runtime);
  expect(contexts[0]?.onRelease).toBe(onRelease);
  expect(contexts[1]).not.toHaveProperty('onRelease');
});

test('a request runs without tracing', async () => {
  let isSuppressed: unknown;
  await start(async () => {
    isSuppressed = context.active().getValue(SUPPRESS_TRACING);
  }).outcome;
  expect(isSuppressed).toBe(true);
});

test('the reason of a response is one line of at most 300 characters, and wrong indexes are left out', () => {
  const reason = `one\n  two ${'x'.repeat(500)}`;
  const rejected = [0, 1.5, '2', null] as never;
  const headers = new Headers({ 'retry-after': '5' });
  expect(parseResponse({ status: 422, reason, rejected, headers })).toEqual({
    type: 'responded',
    response: { status: 422, rejected: [0], retryAfter: '5', reason: `one two ${'x'.repeat(292)}` },
  });
});

test('an error of several addresses has the code of the first one', () => {
  const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  const other = Object.assign(new Error('no'), { code: 'EHOSTUNREACH' });
  const all = new AggregateError([refused, other]);
  expect(describeError(all)).toBe('ECONNREFUSED');
  expect(describeError(new TypeError('fetch failed', { cause: all }))).toBe('ECONNREFUSED');
});
