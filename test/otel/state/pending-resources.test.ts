import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PendingResources } from '../../../src/otel/state/pending-resources.js';
import type { ResourceLike } from '../../../src/reading/model/span-like.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A resource that is being detected until `complete()` is called. */
function pendingResource(): ResourceLike & { readonly complete: () => void } {
  const { promise, resolve } = deferred();
  return {
    attributes: {},
    asyncAttributesPending: true,
    waitForAsyncAttributes: () => promise,
    complete: resolve,
  };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** Lets promises that are settled already call their callbacks. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

test('work runs at once for a resource that is complete, and for none', () => {
  const pending = new PendingResources();
  const work = vi.fn<() => void>();
  pending.run(undefined, work);
  pending.run({ attributes: {} }, work);
  expect(work).toHaveBeenCalledTimes(2);
});

test('work waits until its resource is complete', async () => {
  const pending = new PendingResources();
  const resource = pendingResource();
  const work = vi.fn<() => void>();
  pending.run(resource, work);
  await settle();
  expect(work).not.toHaveBeenCalled();
  resource.complete();
  await settle();
  expect(work).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

test('work waits five seconds for a resource at most', async () => {
  const pending = new PendingResources();
  const work = vi.fn<() => void>();
  pending.run(pendingResource(), work);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(work).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(work).toHaveBeenCalledOnce();
});

test.each<[string, () => Promise<void>]>([
  ['rejects', () => Promise.reject(new Error('no metadata service'))],
  [
    'throws',
    () => {
      throw new Error('no metadata service');
    },
  ],
])('work is done although the detection of its resource %s', async (_how, waitForAsyncAttributes) => {
  const pending = new PendingResources();
  const work = vi.fn<() => void>();
  pending.run({ attributes: {}, asyncAttributesPending: true, waitForAsyncAttributes }, work);
  await settle();
  expect(work).toHaveBeenCalledOnce();
});

test('a thousand spans wait for their resource, and the next one does not', async () => {
  const pending = new PendingResources();
  const work = vi.fn<() => void>();
  const resource = pendingResource();
  for (let index = 0; index < 1_000; index += 1) pending.run(resource, work);
  await settle();
  expect(work).not.toHaveBeenCalled();
  pending.run(resource, work);
  expect(work).toHaveBeenCalledOnce();
  resource.complete();
  await settle();
  expect(work).toHaveBeenCalledTimes(1_001);
  // Those that are done do not count any more.
  pending.run(pendingResource(), work);
  expect(work).toHaveBeenCalledTimes(1_001);
});

test('a flush waits for all resources, and no longer than its own time', async () => {
  const pending = new PendingResources();
  const [first, second] = [pendingResource(), pendingResource()];
  const settled = vi.fn<() => void>();
  for (const resource of [first, second]) pending.run(resource, () => undefined);
  void pending.settled(10_000).then(settled);
  first.complete();
  await settle();
  expect(settled).not.toHaveBeenCalled();
  second.complete();
  await settle();
  expect(settled).toHaveBeenCalledOnce();
  pending.run(pendingResource(), () => undefined);
  void pending.settled(100).then(settled);
  await vi.advanceTimersByTimeAsync(100);
  expect(settled).toHaveBeenCalledTimes(2);
});

test('waiting for a resource keeps no process alive', () => {
  vi.useRealTimers();
  const started = vi.spyOn(globalThis, 'setTimeout');
  const resource = pendingResource();
  new PendingResources().run(resource, () => undefined);
  expect(started.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false]);
  resource.complete();
  started.mockRestore();
});
