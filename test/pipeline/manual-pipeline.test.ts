import { expect, test, vi } from 'vitest';
import { TrubricsClient } from '../../src/client/client.js';
import type { DestinationFanOut } from '../../src/pipeline/destination-fan-out.js';
import { ManualPipeline } from '../../src/pipeline/manual-pipeline.js';
import { rememberOptedOut } from '../../src/pipeline/opted-out-calls.js';
import type { PipelineSteps } from '../../src/pipeline/record-pipeline.js';
import { linkRuns } from '../../src/pipeline/run-records.js';
import type { OptOutCheck } from '../../src/records/privacy/opt-out.js';
import type { TrubricsOptions } from '../../src/config/options.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { makeSpan } from '../support/span.js';
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

/** A pipeline of which the test sees each step. */
function useSteps(records: { ofResponse?: string; ofSpan?: string } = {}) {
  const destinations = {
    sendEventIfKept: vi.fn<DestinationFanOut['sendEventIfKept']>(),
    skip: vi.fn<DestinationFanOut['skip']>(),
  };
  const checks = new Map<string | undefined, OptOutCheck>();
  const steps = {
    privacy: { applyToFeedback: (value: unknown) => ({ kept: true, value }) },
    destinations,
    links: { ofResponse: () => records.ofResponse, ofSpan: () => records.ofSpan },
    lateOptOuts: { checkOf: (id: string | undefined) => checks.get(id) },
  };
  const pipeline = new ManualPipeline(1_000, steps as unknown as PipelineSteps);
  /** The record that the feedback of the last call is about. */
  const recordId = () => {
    const [filtered] = destinations.sendEventIfKept.mock.calls.at(-1) ?? [];
    return filtered?.kept ? filtered.value.properties['record_id'] : undefined;
  };
  return { pipeline, destinations, checks, recordId };
}

const SPAN = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };

test('feedback is about the record that it names, else that of its response, else the likely one, else that of its span', () => {
  const { pipeline, recordId } = useSteps({ ofResponse: 'by response', ofSpan: 'by span' });
  const feedback = { userId: 'u', score: 1, spanContext: SPAN };
  pipeline.trackFeedback({ ...feedback, recordId: 'own' }, { responseId: 'r', likelyRecordId: 'likely' });
  expect(recordId()).toBe('own');
  pipeline.trackFeedback(feedback, { responseId: 'r', likelyRecordId: 'likely' });
  expect(recordId()).toBe('by response');
  const other = useSteps({ ofSpan: 'by span' });
  other.pipeline.trackFeedback(feedback, { responseId: 'r', likelyRecordId: 'likely' });
  expect(other.recordId()).toBe('likely');
  other.pipeline.trackFeedback({ ...feedback, runId: 'unknown run' });
  expect(other.recordId()).toBe('by span');
});

test('feedback on a run that is not recorded is sent at once if it names a span', () => {
  const { pipeline, destinations } = useSteps();
  pipeline.trackFeedback({ userId: 'u', score: 1, runId: 'unknown run 2', spanContext: SPAN });
  expect(destinations.sendEventIfKept).toHaveBeenCalledOnce();
});

test('feedback is not sent if what it is about is opted out, by its id, its response or its check', () => {
  rememberOptedOut(makeSpan({ attributes: { 'gen_ai.response.id': 'opted-out response' } }));
  const { pipeline, destinations, checks } = useSteps();
  pipeline.trackFeedback({ userId: 'u', score: 1, threadId: 't' }, { responseId: 'opted-out response' });
  checks.set('withdrawn', () => 'withdrawn');
  pipeline.trackFeedback({ userId: 'u', score: 1, recordId: 'withdrawn' });
  pipeline.trackFeedback({ userId: 'u', score: 1, recordId: 'other' }, {}, () => 'withdrawn');
  expect(destinations.skip.mock.calls).toEqual([['opted_out'], ['opted_out'], ['opted_out']]);
  expect(destinations.sendEventIfKept).not.toHaveBeenCalled();
});

test('feedback that is sent carries the check by which it can still be withdrawn', () => {
  const { pipeline, destinations, checks } = useSteps();
  const [own, ofRecord]: OptOutCheck[] = [() => 'open', () => 'open'];
  if (ofRecord) checks.set('r', ofRecord);
  pipeline.trackFeedback({ userId: 'u', score: 1, recordId: 'r' });
  pipeline.trackFeedback({ userId: 'u', score: 1, recordId: 'r' }, {}, own);
  expect(destinations.sendEventIfKept.mock.calls.map(([, check]) => check)).toEqual([ofRecord, own]);
});

test('feedback that waited is sent once, its comment is cut, and an error in it reaches nobody', () => {
  const { pipeline, destinations } = useSteps();
  pipeline.trackFeedback({ userId: 'u', threadId: 't', comment: 'x'.repeat(5_000), runId: 'waiting run' });
  expect(destinations.sendEventIfKept).not.toHaveBeenCalled();
  linkRuns(['waiting run'], 'r');
  const [[filtered] = []] = destinations.sendEventIfKept.mock.calls;
  expect(filtered).toMatchObject({ kept: true, value: { properties: { record_id: 'r' } } });
  expect(JSON.stringify(filtered).length).toBeLessThan(2_000);
  pipeline.giveUpWaiting();
  expect(destinations.sendEventIfKept).toHaveBeenCalledOnce();
  destinations.sendEventIfKept.mockImplementation(() => {
    throw new Error('no');
  });
  pipeline.trackFeedback({ userId: 'u', threadId: 't', score: 1, runId: 'another run' });
  expect(() => linkRuns(['another run'], 'r')).not.toThrow();
});

test('feedback that has waited and was sent is not kept', async () => {
  const { pipeline, destinations } = useSteps();
  const given = new WeakRef(
    (() => {
      const feedback = { userId: 'u', threadId: 't', comment: 'c', runId: 'forgotten run' };
      pipeline.trackFeedback(feedback);
      return feedback;
    })(),
  );
  linkRuns(['forgotten run'], 'r');
  expect(destinations.sendEventIfKept).toHaveBeenCalledOnce();
  destinations.sendEventIfKept.mockReset();
  await collectGarbage();
  expect(given.deref()).toBeUndefined();
  pipeline.giveUpWaiting();
});
