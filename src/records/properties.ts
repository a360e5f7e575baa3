import type { LlmCall } from '../reading/llm-call.js';
import { toJsonValue } from './json-value.js';
import type { PropertyValue } from './prompt-record.js';
import { systemPromptOf, toolCallsOf } from './text.js';

/** What is known of a call besides the record's own fields, under flat names. Names without a value are left out. */
export function propertiesOf(call: LlmCall, systemPrompt: boolean): Record<string, PropertyValue> {
  return fill({
    ...modelProperties(call),
    ...parameterProperties(call),
    ...usageProperties(call),
    ...answerProperties(call),
    prompt_template: call.promptTemplate,
    system_prompt: (systemPrompt && systemPromptOf(call)) || undefined,
    error_type: call.error?.type,
    dialect: call.dialect,
    service_name: call.serviceName,
    environment: call.environment,
    trace_id: call.traceId,
    span_id: call.spanId,
    parent_span_id: call.parentSpanId,
    truncated: call.truncated || undefined,
  });
}

/** Members as JSON values; what has none is left out. */
export function fill(members: Readonly<Record<string, unknown>>): Record<string, PropertyValue> {
  const filled: Record<string, PropertyValue> = {};
  for (const [name, value] of Object.entries(members)) {
    const json = toJsonValue(value);
    if (json !== undefined) filled[name] = json;
  }
  return filled;
}

type Members = Readonly<Record<string, unknown>>;

function modelProperties(call: LlmCall): Members {
  return { provider: call.provider, request_model: call.requestModel, operation: call.operation };
}

function parameterProperties({ parameters }: LlmCall): Members {
  return { temperature: parameters.temperature, top_p: parameters.topP, max_tokens: parameters.maxTokens };
}

function usageProperties({ usage }: LlmCall): Members {
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens ?? sum(usage.inputTokens, usage.outputTokens),
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    reasoning_tokens: usage.reasoningTokens,
  };
}

function answerProperties(call: LlmCall): Members {
  const [first] = call.outputMessages;
  const toolCalls = first ? toolCallsOf(first) : [];
  const choices = call.outputMessages.length;
  return {
    finish_reason: call.finishReasons[0],
    streaming: call.streaming,
    time_to_first_token: call.timeToFirstToken,
    tool_calls: toolCalls.length > 0 ? [...new Set(toolCalls.map((toolCall) => toolCall.name))] : undefined,
    tool_call_count: toolCalls.length > 0 ? toolCalls.length : undefined,
    choice_count: choices > 1 ? choices : undefined,
  };
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
