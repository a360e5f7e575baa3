import { askedBy, readTurnInput } from '../../reading/calls/turn-input.js';
import { isRequest, isTurnScope } from '../../reading/calls/turn-scope.js';
import { omitUndefined } from '../../reading/fields/omit-undefined.js';
import type { LlmCall, TokenUsage } from '../../reading/model/llm-call.js';
import { promptOf, toolCallsOf } from '../calls/call-text.js';
import type { RawFacts } from '../model/fact-names.js';
import { lastToEnd, type TurnCall, type TurnGroup } from './group-turns.js';

/** Merges the calls of a turn into one call: the question, the final answer, first start to last end, summed tokens. */
export function toTurnCall({ id, calls }: TurnGroup): LlmCall {
  const list = calls.map(({ call }) => call);
  const answer = answerOf(calls);
  const failure = failureOf(calls, answer);
  const { call: first } = calls[0];
  const { call: questionCall } = questionCallOf(calls);
  const userText = inputOf(calls);
  const lastCall = answer ?? list.at(-1) ?? first;
  const { timeToFirstToken: _later, parentSpanId: _other, cost: _ofOneCall, ...fields } = lastCall;
  const cost = sumCosts(list);
  const startTimeMs = Math.min(...list.map((call) => call.startTimeMs));
  const [traceId = first.traceId, spanId = first.spanId] = id.split('-');
  const userId = list.find((call) => call.userId !== undefined)?.userId;
  const threadId = list.find((call) => call.threadId !== undefined)?.threadId;
  return {
    ...fields,
    traceId,
    spanId,
    startTimeMs,
    endTimeMs: Math.max(...list.map((call) => call.endTimeMs)),
    systemInstructions: questionCall.systemInstructions,
    ...(userText === undefined || userText === promptOf(questionCall)
      ? pickInput(questionCall)
      : { inputMessages: askedBy(userText, questionCall.inputMessages), inputTruncated: false }),
    outputMessages: answer?.outputMessages ?? [],
    ...(answer?.timeToFirstToken !== undefined && {
      timeToFirstToken: (answer.startTimeMs - startTimeMs) / 1e3 + answer.timeToFirstToken,
    }),
    usage: sumUsage(list),
    ...(cost !== undefined && { cost }),
    tags: [...new Set(list.flatMap((call) => call.tags))],
    metadata: mergeMetadata(list),
    ...(userId !== undefined && { userId }),
    ...(threadId !== undefined && { threadId }),
    ...(failure && { error: failure }),
    truncated: questionCall.truncated || lastCall.truncated,
  };
}

/**
 * Returns the call whose question is that of the turn: the one that gives the answer. The first call can be a summary, or a router with
 * a prompt of its own. If the answering call has no question, the last call before it that has one.
 */
export function questionCallOf(calls: TurnGroup['calls']): TurnCall {
  const succeeded = calls.filter(({ call }) => !call.error);
  const answer = lastToEnd(succeeded) ?? lastToEnd(calls);
  if (answer?.question) return answer;
  return calls.findLast(({ question }) => question !== undefined) ?? calls[0];
}

/** Returns the user's message in the input of the outermost agent, workflow or chain that is around all calls and has one. */
function inputOf([first, ...others]: TurnGroup['calls']): string | undefined {
  for (const span of first.ancestors.toReversed()) {
    if (isRequest(span) || !isTurnScope(span)) continue;
    if (!others.every(({ ancestors }) => ancestors.includes(span))) continue;
    const text = readTurnInput(span);
    if (text !== undefined) return text;
  }
  return undefined;
}

function pickInput({
  inputMessages,
  inputTruncated,
}: LlmCall): Pick<LlmCall, 'inputMessages' | 'inputTruncated'> {
  return { inputMessages, ...(inputTruncated !== undefined && { inputTruncated }) };
}

/** Returns the properties that a turn has and a call has not. */
export function turnProperties({ calls }: TurnGroup): RawFacts {
  const list = calls.map(({ call }) => call);
  const tools = list.flatMap(({ outputMessages: [first] }) => (first ? toolCallsOf(first) : []));
  const models = [...new Set(list.map((call) => modelOf(call)))];
  const errors = list.filter((call) => call.error).length;
  return {
    call_count: list.length,
    models,
    ...(tools.length > 0 && {
      tools: [...new Set(tools.map((tool) => tool.name))],
      tool_call_count: tools.length,
    }),
    ...(errors > 0 && { error_count: errors }),
    ...(models.length > 1 && { tokens_by_model: tokensByModel(list, models) }),
    ...(list.length > 1 && { calls: list.map(pricedCall) }),
  };
}

/**
 * Returns what a price of one call depends on. Prices differ by model, and by the size of the input of each call, so that the sums of a turn
 * do not tell what it cost.
 */
function pricedCall(call: LlmCall): Readonly<Record<string, unknown>> {
  const { usage, provider, requestModel, cost, serviceTier } = call;
  const isSumNeeded = usage.inputTokens === undefined || usage.outputTokens === undefined;
  return omitUndefined({
    model: modelOf(call),
    request_model: requestModel === modelOf(call) ? undefined : requestModel,
    provider,
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: isSumNeeded ? usage.totalTokens : undefined,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cost,
    service_tier: serviceTier,
    cached: call.cached,
    error: call.error ? true : undefined,
  });
}

/** Returns the cost of a turn; undefined unless all of its calls say theirs. */
function sumCosts(calls: readonly LlmCall[]): number | undefined {
  let sum = 0;
  for (const { cost } of calls) {
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return sum;
}

/** Returns the successful call that ended last. */
function answerOf(calls: readonly TurnCall[]): LlmCall | undefined {
  const succeeded = calls.filter(({ call }) => !call.error);
  return lastToEnd(succeeded)?.call;
}

/** Returns the error of the call that ended last, unless an earlier call answered the question. */
function failureOf(calls: readonly TurnCall[], answer: LlmCall | undefined): LlmCall['error'] {
  const last = lastToEnd(calls)?.call;
  if (!last?.error) return undefined;
  const [message] = answer?.outputMessages ?? [];
  return message && toolCallsOf(message).length === 0 ? undefined : last.error;
}

function modelOf(call: LlmCall): string {
  return call.responseModel ?? call.requestModel ?? 'unknown';
}

/** Merges the metadata of all calls. For each name, the last call that has it wins. */
function mergeMetadata(calls: readonly LlmCall[]): LlmCall['metadata'] {
  const metadata: Record<string, unknown> = {};
  for (const call of calls) Object.assign(metadata, call.metadata);
  return metadata;
}

function tokensByModel(
  calls: readonly LlmCall[],
  models: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    models.map((model) => {
      const { inputTokens, outputTokens } = sumUsage(calls.filter((call) => modelOf(call) === model));
      return [model, { input: inputTokens, output: outputTokens }];
    }),
  );
}

function sumUsage(calls: readonly LlmCall[]): TokenUsage {
  const usages = calls.map(({ usage }) => ({
    ...usage,
    ...(usage.totalTokens === undefined &&
      usage.inputTokens !== undefined &&
      usage.outputTokens !== undefined && { totalTokens: usage.inputTokens + usage.outputTokens }),
  }));
  const summed: { -readonly [K in keyof TokenUsage]: number } = {};
  for (const usage of usages)
    for (const [name, count] of Object.entries(usage) as [keyof TokenUsage, number | undefined][])
      if (count !== undefined) summed[name] = (summed[name] ?? 0) + count;
  return summed;
}
