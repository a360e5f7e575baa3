import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { MemoryStore } from '../../../src/server/engines/memory/memory-store.js';
import type { Project } from '../../../src/server/http/project.js';
import { Projects, type ProjectsOptions } from '../../../src/server/team/projects.js';
import { ReadinessProbe } from '../../../src/server/team/readiness.js';
import { eventually } from '../../support/eventually.js';
import { RefusalLog } from '../../../src/server/team/refusal-log.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

class Away extends Error {}

/** Projects whose stores open when `isThere` is set, and that fail for good when `error` is. */
function useProjects(options: Partial<ProjectsOptions> = {}) {
  const state = { isThere: true, error: undefined as Error | undefined, opened: 0, waiting: [] as string[] };
  const closed: string[] = [];
  const projects = new Projects({
    openStore: async () => {
      state.opened += 1;
      if (state.error) throw state.error;
      if (!state.isThere) throw new Away('away');
      return new MemoryStore();
    },
    isTransient: (error) => error instanceof Away,
    create: (name, store) =>
      ({ name, store, close: async () => void closed.push(name) }) as unknown as Project,
    onWaiting: (name) => state.waiting.push(name),
    ...options,
  });
  onTestFinished(() => projects.close());
  return { projects, state, closed };
}

test('a project is opened once, for all who ask for it, and closed with the server', async () => {
  const { projects, state, closed } = useProjects();
  const [first, second] = await Promise.all([projects.get('a'), projects.get('a')]);
  expect(first).toBeDefined();
  expect(second).toBe(first);
  expect(await projects.get('a')).toBe(first);
  await projects.openAll(['a', 'b']);
  expect([...projects.open.keys()]).toEqual(['a', 'b']);
  expect(state.opened).toBe(2);
  await projects.close();
  expect(closed.toSorted()).toEqual(['a', 'b']);
});

test('a request waits three seconds for a store that is not there yet, which is said once', async () => {
  // The timers of node:timers/promises cannot be replaced.
  vi.useRealTimers();
  const { projects, state } = useProjects();
  state.isThere = false;
  expect(await projects.get('a')).toBeUndefined();
  expect(state.waiting).toEqual(['a']);
  expect(state.opened).toBeGreaterThan(1);
  state.isThere = true;
  await eventually(() => expect(projects.open.has('a')).toBe(true));
});

test('a store that cannot be opened for good is tried again at the next use', async () => {
  const { projects, state } = useProjects();
  state.error = new Error('wrong password');
  await expect(projects.openAll(['a'])).rejects.toThrow('wrong password');
  expect(await projects.get('a')).toBeUndefined();
  expect(state).toMatchObject({ opened: 2, waiting: [] });
  state.error = undefined;
  expect(await projects.get('a')).toBeDefined();
});

test('a server that stops opens nothing any more, and waits for what is being opened', async () => {
  const opening: ((store: MemoryStore) => void)[] = [];
  const openStore = () => new Promise<MemoryStore>((resolve) => opening.push(resolve));
  const { projects, closed } = useProjects({ openStore });
  const asked = projects.get('a');
  let isClosed = false;
  const closing = projects.close().then(() => (isClosed = true));
  await vi.advanceTimersByTimeAsync(10);
  expect(isClosed).toBe(false);
  opening.shift()?.(new MemoryStore());
  await closing;
  await asked;
  expect(closed).toEqual(['a']);
  expect(await projects.get('b')).toBeUndefined();
  expect(opening).toEqual([]);
});

test('a server that stops does not wait for an engine that is away', async () => {
  const { projects, state } = useProjects();
  state.isThere = false;
  const opened = projects.openAll(['a']).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10);
  await projects.close();
  expect(await opened).toMatchObject({ name: 'StoppedError' });
  const { opened: attempts } = state;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(state.opened).toBe(attempts);
});

test('a server is ready while its engine answers, and says what it is doing otherwise', async () => {
  const { projects } = useProjects();
  const probe = new ReadinessProbe(projects);
  expect(await probe.check()).toMatchObject({ status: 'starting', reason: 'the store is being opened' });
  probe.waitFor(new Error('refused'));
  expect(await probe.check()).toMatchObject({ reason: expect.stringMatching(/^waiting for the store: /) });
  const project = await projects.get('a');
  const get = vi.spyOn(project?.store.documents ?? new MemoryStore().documents, 'get');
  probe.serve();
  expect(await probe.check()).toEqual({ isReady: true });
  get.mockRejectedValue(new Error('gone'));
  expect(await probe.check()).toEqual({ isReady: true });
  await vi.advanceTimersByTimeAsync(1_001);
  const unavailable = await probe.check();
  expect(unavailable).toMatchObject({ isReady: false, status: 'unavailable' });
  expect(unavailable).not.toMatchObject({ reason: 'the store does not answer' });
  expect(get).toHaveBeenCalledTimes(2);
  probe.drain();
  expect(await probe.check()).toMatchObject({ status: 'draining' });
});

test('an engine that does not answer within two seconds is unavailable', async () => {
  const { projects } = useProjects();
  const project = await projects.get('a');
  vi.spyOn(project?.store.documents ?? new MemoryStore().documents, 'get').mockReturnValue(
    new Promise(() => undefined),
  );
  const probe = new ReadinessProbe(projects);
  probe.serve();
  const asked = probe.check();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await asked).toMatchObject({ status: 'unavailable', reason: 'the store does not answer' });
});

test('a refusal is logged at once, then with the number of its requests every ten seconds', () => {
  const log = vi.fn<(level: string, event: string, fields?: object) => void>();
  let now = 0;
  const refusals = new RefusalLog(log, () => now);
  const refused = { reason: 'quota', status: 429, project: 'a', key: 'k' } as const;
  const counts = () => log.mock.calls.map(([, , fields]) => (fields as { requests: number }).requests);
  for (let at = 0; at < 5; at += 1) refusals.add(refused);
  expect(counts()).toEqual([1]);
  for (const other of [{ key: 'other' }, { project: 'b' }, { reason: 'busy' }] as const)
    refusals.add({ ...refused, ...other });
  expect(counts()).toEqual([1, 1, 1, 1]);
  now = 9_999;
  refusals.add(refused);
  now = 10_000;
  refusals.add(refused);
  expect(counts()).toEqual([1, 1, 1, 1, 6]);
  refusals.add(refused);
  now = 20_000;
  refusals.add(refused);
  expect(counts()).toEqual([1, 1, 1, 1, 6, 2]);
});

test('a thousand kinds of refusals are told apart, then all start anew', () => {
  const log = vi.fn<(level: string, event: string, fields?: object) => void>();
  const refusals = new RefusalLog(log, () => 0);
  const add = (at: number) => refusals.add({ reason: 'quota', status: 429, project: `p${at}` });
  for (let at = 0; at < 1_000; at += 1) add(at);
  expect(log).toHaveBeenCalledTimes(1_000);
  add(0);
  add(0);
  expect(log).toHaveBeenCalledTimes(1_001);
});
