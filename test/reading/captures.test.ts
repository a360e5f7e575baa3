import { describe, expect, it } from 'vitest';
import { normaliseFinishReason } from '../../src/reading/finish-reason.js';
import { locateCalls } from '../../src/reading/locate-calls.js';
import type { LocatedCall } from '../../src/reading/located-call.js';
import { DEFAULT_RECORDING } from '../../src/records/to-prompt-records.js';
import { recordCall } from '../../src/records/record-call.js';
import { systemPromptOf, toolCallsOf } from '../../src/records/text.js';
import { loadCaptures, type Capture, type ExpectedCall } from '../support/captures.js';

/** Messages in log records are joined by the processor: see test/log-processor.test.ts. */
const captures = loadCaptures().filter((capture) => capture.contentLocation !== 'log-events');

describe.each(captures.map((capture) => [capture.name, capture] as const))('%s', (_name, capture) => {
  const located = locateCalls(capture.spans);

  it(`yields ${capture.llmSpanCount} calls`, () => {
    expect(located.map(({ span }) => span.name)).toHaveLength(capture.llmSpanCount);
  });

  if (capture.calls.length === 0) return;
  it.each(capture.calls.map((call, index) => [`${index + 1}: ${call.spanName}`, call] as const))(
    'call %s is read as it was made',
    (_title, expected) => {
      const found = find(located, expected, capture);
      expect(found, `no call on span ${expected.spanId}`).toBeDefined();
      if (found) expect(factsOf(found, expected)).toEqual(truthOf(expected, capture));
    },
  );
});

/** The call of the expected span, or of one above it: of two spans of one call either may speak. */
function find(
  located: readonly LocatedCall[],
  expected: ExpectedCall,
  { spans }: Capture,
): LocatedCall | undefined {
  const accepted = new Set([expected.spanId, ...(expected.acceptSpanIds ?? [])]);
  const own = located.find(({ call }) => accepted.has(call.spanId));
  const span = spans.find(({ spanContext }) => spanContext().spanId === expected.spanId);
  const parentId = span?.parentSpanContext?.spanId ?? span?.parentSpanId;
  return own ?? located.find(({ call }) => call.spanId === parentId);
}

/** What was read, in the words of the truth. Only fields that the library recorded, or that must be absent. */
function factsOf({ call, span, ancestors }: LocatedCall, expected: ExpectedCall): Record<string, unknown> {
  const { record, identity } = recordCall(call, { span, ancestors }, DEFAULT_RECORDING);
  const [first] = call.outputMessages;
  const toolCalls = first ? toolCallsOf(first) : [];
  const hasText = first?.parts.some((part) => part.type === 'text') ?? false;
  return pick(expected, {
    prompt: record.prompt,
    generation: hasText ? record.generation : '',
    // Google's ADK puts a sentence of its own before it.
    systemPrompt: systemPromptOf(call).endsWith(expected.systemPrompt || ' ')
      ? expected.systemPrompt
      : systemPromptOf(call) || null,
    model: call.requestModel ?? null,
    responseModel: call.responseModel ?? null,
    inputTokens: accept(call.usage.inputTokens, expected.inputTokensAccept, expected.inputTokens),
    outputTokens: call.usage.outputTokens ?? null,
    cachedInputTokens: call.usage.cacheReadTokens ?? null,
    reasoningTokens: call.usage.reasoningTokens ?? null,
    userId: identity.anonymous ? null : identity.userId,
    threadId: identity.threadId ?? null,
    finishReason: call.finishReasons[0] ?? null,
    toolCalls: describeCalls(toolCalls, expected),
    failed: call.error !== undefined,
    tags: call.tags,
    // The ground truth does not say which libraries write parameters: they may be absent, not wrong.
    temperature: call.parameters.temperature ?? expected.temperature,
    maxTokens: call.parameters.maxTokens ?? expected.maxTokens,
  });
}

function truthOf(expected: ExpectedCall, _capture: Capture): Record<string, unknown> {
  return pick(expected, {
    ...expected,
    systemPrompt: expected.systemPrompt || null,
    finishReason: normaliseFinishReason(expected.finishReason) ?? null,
    toolCalls: describeCalls(expected.toolCalls, expected),
    failed: Boolean(expected.error),
  });
}

function describeCalls(calls: ExpectedCall['toolCalls'], { notRecorded = [] }: ExpectedCall): unknown[] {
  const hasIds = !notRecorded.includes('toolCalls.id');
  return calls.map(({ id, name, arguments: args }) => ({
    id: hasIds ? id : undefined,
    name,
    arguments: args,
  }));
}

const COMPARED = [
  'prompt',
  'generation',
  'systemPrompt',
  'model',
  'responseModel',
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'reasoningTokens',
  'userId',
  'threadId',
  'finishReason',
  'toolCalls',
  'failed',
  'tags',
  'temperature',
  'maxTokens',
] as const;

/** By span, what the truth says was sent although the run did not: no attribute of these spans has it. */
const NOT_SENT: ReadonlyMap<string, readonly string[]> = new Map([['4e6596a0fcce0f4d', ['maxTokens']]]);

/** The fields that can be compared: those that the truth names and the library recorded. */
function pick(expected: ExpectedCall, facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const unknown = new Set([...(expected.notRecorded ?? []), ...(NOT_SENT.get(expected.spanId) ?? [])]);
  const named = COMPARED.filter((field) => field === 'failed' || (field in expected && !unknown.has(field)));
  return Object.fromEntries(named.map((field) => [field, facts[field]]));
}

function accept(
  actual: number | undefined,
  accepted: readonly number[] | undefined,
  truth: number | null,
): number | null {
  return actual !== undefined && accepted?.includes(actual) ? truth : (actual ?? null);
}
