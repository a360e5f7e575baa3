import { describe, expect, test } from 'vitest';
import { SpanLog } from '../../src/pipeline/span-log.js';
import { RecordPipeline } from '../../src/pipeline/record-pipeline.js';
import type { LlmCall } from '../../src/reading/model/llm-call.js';
import { recordCall } from '../../src/records/calls/record-call.js';
import { FACT_NAMES } from '../../src/records/model/fact-names.js';
import { DEFAULT_RECORD_SETTINGS } from '../../src/records/model/record-settings.js';
import type { TurnCall } from '../../src/records/turns/group-turns.js';
import { questionOf } from '../../src/records/turns/question.js';
import { recordTurn } from '../../src/records/turns/record-turn.js';
import { ResumableTurns } from '../../src/records/turns/resumable-turns.js';
import { makeSpan } from '../support/span.js';

/** A user's properties with the name of every fact. */
const MINE = Object.fromEntries(FACT_NAMES.map((name) => [name, `mine: ${name}`]));

/** A call that has every fact that a call can have. */
const FULL: LlmCall = {
  dialect: 'gen_ai',
  operation: 'chat',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '00f067aa0ba902b7',
  startTimeMs: 1,
  endTimeMs: 2,
  provider: 'openai',
  requestModel: 'gpt-4.1',
  responseModel: 'gpt-4.1-2025-04-14',
  systemInstructions: [{ type: 'text', text: 'Be brief.' }],
  inputMessages: [
    { role: 'assistant', parts: [{ type: 'text', text: 'Hello.' }] },
    { role: 'user', parts: [{ type: 'text', text: 'Where?' }] },
  ],
  outputMessages: [
    { role: 'assistant', parts: [{ type: 'tool_call', id: 't', name: 'look' }] },
    { role: 'assistant', parts: [] },
  ],
  parameters: { temperature: 0, topP: 1, maxTokens: 9, responseFormat: 'json', toolChoice: 'auto' },
  usage: {
    inputTokens: 9,
    outputTokens: 9,
    totalTokens: 18,
    cacheReadTokens: 1,
    cacheWriteTokens: 1,
    reasoningTokens: 1,
  },
  cost: 0.5,
  serviceTier: 'flex',
  finishReasons: ['tool_call'],
  streaming: true,
  timeToFirstToken: 0.1,
  tags: [],
  metadata: {},
  promptTemplate: 'tpl',
  promptName: 'answer',
  promptVersion: '3',
  serviceName: 'shop',
  serviceVersion: '1.4.0',
  environment: 'test',
  runId: 'run-1',
  cached: true,
  aborted: true,
  error: { type: 'Timeout' },
  truncated: true,
  userId: 'ada',
  threadId: 's-1',
};

const settings = { ...DEFAULT_RECORD_SETTINGS, systemPrompt: true, messages: 'all' } as const;

/** A turn of two calls with two models, one of which failed, and that stopped at a tool call. */
function turnOf(id: string, metadata: LlmCall['metadata']) {
  const full = { ...FULL, metadata };
  const other = { ...full, spanId: '1111111111111111', responseModel: 'other', error: undefined };
  const { error: _none, ...succeeded } = other;
  const calls = [full, succeeded].map((call): TurnCall => ({
    call,
    span: makeSpan(),
    ancestors: [],
    question: questionOf(call),
  })) as [TurnCall, TurnCall];
  return { id, calls, waitsFor: [] };
}

/** Records in which, taken together, every fact has a value. */
function records(mine: Readonly<Record<string, unknown>>, metadata: LlmCall['metadata'] = {}) {
  const resumable = new ResumableTurns();
  const withMine = { ...settings, properties: mine };
  const call = recordCall({ ...FULL, metadata }, { span: makeSpan(), ancestors: [] }, withMine).record;
  recordTurn(turnOf('0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331', metadata), withMine, resumable);
  const turn = recordTurn(
    turnOf('0af7651916cd43dd8448eb211c80319c-1111111111111111', metadata),
    withMine,
    resumable,
  ).record;
  return [call.properties, turn.properties, callEventOfTurn(mine, metadata)];
}

/** Returns the properties of the event that a call of a turn becomes with `granularity: "both"`. */
function callEventOfTurn(
  mine: Readonly<Record<string, unknown>>,
  metadata: LlmCall['metadata'],
): Readonly<Record<string, unknown>> {
  const events: { readonly properties: Readonly<Record<string, unknown>> }[] = [];
  const pipeline = new RecordPipeline(
    { ...settings, properties: mine, errors: 'record', granularity: 'both' },
    {
      privacy: { apply: (value: unknown) => ({ kept: true, value }) },
      destinations: {
        sendRecord() {},
        sendEventIfKept: ({ value }: { value: (typeof events)[number] }) => void events.push(value),
      },
      links: { add() {} },
    } as never,
    new SpanLog(),
  );
  pipeline.recordTurn(turnOf('0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331', metadata));
  return events[0]?.properties ?? {};
}

describe('the facts of a record', () => {
  test('every fact has a value in one of the records of this test', () => {
    const names = new Set(records({}).flatMap((properties) => Object.keys(properties)));
    expect(FACT_NAMES.filter((name) => !names.has(name))).toEqual([]);
  });

  test.each(FACT_NAMES)("a user's property %s replaces no fact, and is kept beside it", (name) => {
    const mine = { [name]: `mine: ${name}` };
    const found = records(mine).filter((properties) => `metadata.${name}` in properties);
    expect(found.length).toBeGreaterThan(0);
    for (const properties of found) {
      expect(properties[name]).not.toBe(`mine: ${name}`);
      expect(properties[`metadata.${name}`]).toBe(`mine: ${name}`);
    }
  });

  test('metadata of the call with the names of all facts replaces none, in call, turn and event', () => {
    for (const properties of records({}, MINE))
      for (const [name, value] of Object.entries(properties).filter(([key]) => key.startsWith('metadata.')))
        expect([value, properties[name.slice('metadata.'.length)]]).toEqual([
          `mine: ${name.slice('metadata.'.length)}`,
          expect.not.stringMatching(/^mine: /) as unknown,
        ]);
  });
});
