import { expect, test, vi } from 'vitest';
import { TrubricsClient } from '../../src/client/client.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { memoryDestination } from '../support/memory-destination.js';
import { useDiag } from '../support/use-diag.js';

function useClient(options: TrubricsOptions = {}) {
  const destination = memoryDestination();
  return { destination, client: new TrubricsClient({ ...options, destination }) };
}

test('sampling includes or excludes a thread as a whole if its user is not known', async () => {
  const { client, destination } = useClient({ samplingRatio: 0.5 });
  const threads = Array.from({ length: 20 }, (_, index) => `thread-${index}`);
  for (const threadId of threads)
    for (let turn = 0; turn < 5; turn += 1) client.trackPrompt({ prompt: 'q', generation: 'a', threadId });
  await client.flush();
  const sent = destination.records.map(({ threadId }) => threadId ?? '');
  const counts = threads.map((thread) => sent.filter((id) => id === thread).length);
  expect(new Set(counts)).toEqual(new Set([0, 5]));
  expect(client.stats().skipped.sampled_out).toBe(100 - sent.length);
});

test('hashUserId holds for events, and an event without a name is counted', async () => {
  const { client, destination } = useClient({ hashUserId: 'a-secret-of-32-characters-and-more' });
  client.track({ event: 'Sign up', userId: 'ada@example.org' });
  client.track({ event: '', userId: 'ada@example.org' });
  await client.flush();
  expect(destination.events).toHaveLength(1);
  expect(JSON.stringify(destination.events)).not.toContain('ada@');
  expect(client.stats().skipped.invalid_event).toBe(1);
});

test('a comment is cut to the longest text', async () => {
  const { client, destination } = useClient({ maxTextLength: 1_000 });
  client.trackFeedback({ recordId: 'r', userId: 'u', comment: 'x'.repeat(5_000) });
  await client.flush();
  expect(JSON.stringify(destination.events[0]?.properties['comment']).length).toBeLessThanOrEqual(1_002);
});

test('feedback on a run that has no record has the time at which it was given, and is sent once', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
  const { client, destination } = useClient();
  client.trackFeedback({ runId: 'never', threadId: 't', userId: 'u', score: 1 });
  vi.setSystemTime(Date.UTC(2026, 0, 2));
  await client.shutdown();
  await client.shutdown();
  vi.useRealTimers();
  expect(destination.events.map(({ timestamp }) => timestamp)).toEqual(['2026-01-01T00:00:00.000Z']);
});

test('an error of the application in redact is not an error of the flow that makes the record', async () => {
  const lines = useDiag();
  const { client } = useClient({
    redact: () => {
      throw new Error('SECRET');
    },
  });
  client.trackFeedback({ runId: 'never', threadId: 't', userId: 'u', comment: 'c' });
  await expect(client.shutdown()).resolves.toBeUndefined();
  expect(JSON.stringify(lines)).not.toContain('SECRET');
  expect(client.stats().dropped.redaction_failed).toBe(1);
});
