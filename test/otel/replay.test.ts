import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PendingLogEvents } from '../../src/otel/state/pending-log-events.js';
import { TrubricsLogRecordProcessor } from '../../src/otel/log-processor.js';
import type { PromptRecord } from '../../src/records/model/prompt-record.js';
import { toPromptRecords } from '../../src/records/to-prompt-records.js';
import { loadCaptures } from '../support/captures.js';
import { shuffled } from '../support/random-trace.js';
import { replayThroughExporter, replayThroughProcessor, type Recording } from '../support/replay-spans.js';
import { loadStrangers } from '../support/strangers.js';

/*
 * Every recorded trace goes through the processor as it was made, start by start and end by end, and through the exporter in batches.
 * The records must be those of `toPromptRecords()`, which sees all spans at once. The tables below have the exceptions.
 */
const recordings = [...loadCaptures(), ...loadStrangers()].map(
  (recording) => [recording.name, recording] as const,
);

const OPTIONS = { errors: 'record', systemPrompt: true } as const;
const GRANULARITIES = ['call', 'turn'] as const;
type Granularity = (typeof GRANULARITIES)[number];

/** Fields of a record that only a span above the call has. The exporter exports the call in an earlier batch than that span. */
const KNOWN_ABOVE: Readonly<Record<string, readonly (keyof PromptRecord)[]>> = {
  'anthropic-sdk-native-1.14.0-toolloop': ['userId', 'threadId'],
  'laminar-lmnr-0.8.46-openai-toolloop': ['tags'],
  'mastra-1.71.0-agent-generate': ['tags'],
  'mastra-bridge-1.71.0_1.5.4-error400': ['tags'],
  'mistral-sdk-native-2.7.0-conversations-start': ['userId'],
  'st-py-tool-loop-events': ['userId', 'threadId'],
  'strands-agents-ts-1.19.0-agent-multiturn-latest': ['userId', 'threadId', 'tags'],
  'strands-agents-ts-live-1.16.0-nested': ['userId', 'threadId'],
  'vercel-ai-sdk-7.0.173-generatetext-toolloop': ['userId', 'threadId', 'tags'],
  'vercel-ai-sdk-7.0.173-streamtext-toolloop': ['userId', 'threadId', 'tags'],
  'voltagent-live-2.10.0-chat': ['generation'],
};

/**
 * Traces with two spans of a call, each of which can make the record: the one that is exported first. Two libraries traced the calls in
 * traces of their own, or an agent is exported before the spans below it.
 */
const FIRST_EXPORTED: ReadonlySet<string> = new Set([
  'langchain-handler-openinference-1.5.14-parallel',
  'openinference-openai-agents-0.2.15-on-0.20.0-responses-parallel-runs',
]);

/**
 * Traces whose question stands only on a span above the calls. A call that is exported before that span has the system prompt in its place, or
 * nothing that makes a record.
 */
const QUESTION_ABOVE: ReadonlySet<string> = new Set(['cc-detailed-tool-loop', 'cc-sub-agent']);

/** Returns the records of all spans at once, with the log records of the spans. */
function expectedOf({ spans, logs = [] }: Recording, granularity: Granularity): readonly PromptRecord[] {
  const events = new PendingLogEvents();
  const logProcessor = new TrubricsLogRecordProcessor({
    addLogEvent: (span, event) => events.add(span, event),
  });
  for (const log of logs) logProcessor.onEmit(log);
  const withLogs = spans.map((span) => events.attach(span));
  return asSent(toPromptRecords(withLogs, { granularity, systemPrompt: true, includeErrors: true }));
}

/** Returns records as a destination gets them, sorted by id. */
function asSent(records: readonly PromptRecord[]): readonly PromptRecord[] {
  const sorted = records.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return JSON.parse(JSON.stringify(sorted)) as PromptRecord[];
}

/** Returns what the exporter knows of records if it exports their spans in several batches. */
function inBatches(name: string, granularity: Granularity, records: readonly PromptRecord[]) {
  if (granularity === 'call' && QUESTION_ABOVE.has(name)) return records.map(({ id }) => id);
  if (FIRST_EXPORTED.has(name)) return records.map(({ generation }) => generation).toSorted();
  const unknown = new Set<string>(granularity === 'call' ? KNOWN_ABOVE[name] : []);
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([field]) => !unknown.has(field))),
  );
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe.each(GRANULARITIES)('the records of a trace, by %s', (granularity) => {
  const options = { ...OPTIONS, granularity };

  test.each(recordings)('the processor records %s as all spans at once say', async (_name, recording) => {
    const expected = expectedOf(recording, granularity);
    for (const attributes of ['atStart', 'afterStart'] as const) {
      const { records } = await replayThroughProcessor(recording, options, { attributes });
      expect(records).toEqual(expected);
    }
  });

  test.each(recordings)(
    'the order in which spans end does not change what %s says',
    async (_name, recording) => {
      const expected = expectedOf(recording, granularity);
      for (const seed of [1, 2, 3]) {
        const endOrder = (spans: Recording['spans']) => shuffled(spans, seed);
        const { records } = await replayThroughProcessor(recording, options, { endOrder });
        expect(records.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }
    },
  );

  test.each(recordings)(
    'the exporter records %s in one batch as all spans at once say',
    async (name, recording) => {
      const { spans } = recording;
      const { records } = await replayThroughExporter({ spans }, options);
      expect(records).toEqual(expectedOf({ spans }, granularity));
    },
  );

  test.each(recordings)('batches of any size record %s once', async (name, recording) => {
    const { spans } = recording;
    const expected = expectedOf({ spans }, granularity);
    const mayLackQuestion = granularity === 'call' && QUESTION_ABOVE.has(name);
    for (const seed of [1, 2, 3, 4, 5]) {
      const { records } = await replayThroughExporter({ spans }, options, seed);
      const ids = records.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)]);
      const found = mayLackQuestion ? expected.filter(({ id }) => ids.includes(id)) : expected;
      expect(inBatches(name, granularity, records)).toEqual(inBatches(name, granularity, found));
    }
  });
});

test('each exception of the replay names a recording, and is needed', async () => {
  vi.useFakeTimers();
  const needed = new Set<string>();
  for (const [name, { spans }] of recordings) {
    if (!(name in KNOWN_ABOVE) && !QUESTION_ABOVE.has(name)) continue;
    const expected = expectedOf({ spans }, 'call');
    for (const seed of [1, 2, 3, 4, 5]) {
      const { records } = await replayThroughExporter({ spans }, { ...OPTIONS, granularity: 'call' }, seed);
      if (JSON.stringify(records) !== JSON.stringify(expected)) needed.add(name);
    }
  }
  expect(needed).toEqual(new Set([...Object.keys(KNOWN_ABOVE), ...QUESTION_ABOVE]));
});
