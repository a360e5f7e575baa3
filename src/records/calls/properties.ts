import { readMember } from '../../common/unknown-values.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { Facts, RawFacts } from '../model/fact-names.js';
import type { PropertyValue } from '../model/prompt-record.js';
import { toJsonValue } from '../text/json-value.js';
import { wellFormed } from '../text/clean-text.js';
import { systemPromptOf, toolCallsOf } from './call-text.js';

/** Properties of a record while it is built. */
export type Properties = Record<string, PropertyValue>;

/**
 * Returns the facts about a call that have no field of their own in the record, under flat names. Facts without a value have no name.
 *
 * Assigned name by name: an object spread from parts costs several times as much (test/bench/reading.mjs).
 */
export function callProperties(call: LlmCall, systemPrompt: boolean, truncated: boolean): Facts {
  const properties: Facts = {};
  if (call.provider !== undefined) properties.provider = wellFormed(call.provider);
  if (call.requestModel !== undefined) properties.request_model = wellFormed(call.requestModel);
  properties.operation = call.operation;
  addParameters(properties, call);
  addUsage(properties, call);
  if (call.cost !== undefined) properties.cost = call.cost;
  if (call.serviceTier !== undefined) properties.service_tier = wellFormed(call.serviceTier);
  addAnswer(properties, call);
  if (call.promptTemplate !== undefined) properties.prompt_template = wellFormed(call.promptTemplate);
  if (call.promptName !== undefined) properties.prompt_name = wellFormed(call.promptName);
  if (call.promptVersion !== undefined) properties.prompt_version = wellFormed(call.promptVersion);
  if (systemPrompt) addSystemPrompt(properties, call);
  if (call.error !== undefined) properties.error_type = wellFormed(call.error.type);
  if (call.aborted === true) properties.aborted = true;
  if (call.runId !== undefined) properties.run_id = wellFormed(call.runId);
  properties.dialect = call.dialect;
  if (call.serviceName !== undefined) properties.service_name = wellFormed(call.serviceName);
  if (call.serviceVersion !== undefined) properties.service_version = wellFormed(call.serviceVersion);
  if (call.environment !== undefined) properties.environment = wellFormed(call.environment);
  properties.trace_id = call.traceId;
  properties.span_id = call.spanId;
  if (call.parentSpanId !== undefined) properties.parent_span_id = call.parentSpanId;
  if (truncated) properties.truncated = true;
  return properties;
}

/**
 * Adds the user's own properties as JSON values; values that are no JSON are omitted. If a fact already has the name, the property is
 * named `metadata.<name>`, so that no user data can replace a measured token count or an error.
 */
export function addUserProperties(
  facts: Properties,
  ...sources: readonly (Readonly<Record<string, unknown>> | undefined)[]
): void {
  // A copy of the object is cheaper than a set of its names (test/bench/reading.mjs).
  const taken = { ...facts };
  for (const source of sources) {
    for (const name of namesOf(source)) {
      const json = toJsonValue(readMember(source, name));
      if (json !== undefined) facts[Object.hasOwn(taken, name) ? `metadata.${name}` : name] = json;
    }
  }
}

/** Returns properties with further facts. A property of a user that has the name of one becomes `metadata.<name>`. */
export function withFacts(properties: Readonly<Properties>, facts: RawFacts): Properties {
  const known = toProperties(facts);
  addUserProperties(known, properties);
  return known;
}

/** Converts the members of an object to JSON values; members that have none are omitted. */
export function toProperties(members: Readonly<Record<string, unknown>>): Properties {
  const properties: Properties = {};
  addUserProperties(properties, members);
  return properties;
}

const NO_NAMES: readonly string[] = [];

/** Returns the names of a user's object. The object may be a proxy that throws; it then has no names. */
function namesOf(source: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  if (source === undefined) return NO_NAMES;
  try {
    return Object.keys(source).filter((name) => name !== '__proto__');
  } catch {
    return NO_NAMES;
  }
}

function addParameters(properties: Facts, { parameters }: LlmCall): void {
  if (parameters.temperature !== undefined) properties.temperature = parameters.temperature;
  if (parameters.topP !== undefined) properties.top_p = parameters.topP;
  if (parameters.maxTokens !== undefined) properties.max_tokens = parameters.maxTokens;
  if (parameters.responseFormat !== undefined)
    properties.response_format = wellFormed(parameters.responseFormat);
  if (parameters.toolChoice !== undefined) properties.tool_choice = wellFormed(parameters.toolChoice);
}

function addUsage(properties: Facts, { usage }: LlmCall): void {
  const { inputTokens, outputTokens } = usage;
  const known = inputTokens !== undefined && outputTokens !== undefined;
  const totalTokens = usage.totalTokens ?? (known ? inputTokens + outputTokens : undefined);
  if (inputTokens !== undefined) properties.input_tokens = inputTokens;
  if (outputTokens !== undefined) properties.output_tokens = outputTokens;
  if (totalTokens !== undefined) properties.total_tokens = totalTokens;
  if (usage.cacheReadTokens !== undefined) properties.cache_read_tokens = usage.cacheReadTokens;
  if (usage.cacheWriteTokens !== undefined) properties.cache_write_tokens = usage.cacheWriteTokens;
  if (usage.reasoningTokens !== undefined) properties.reasoning_tokens = usage.reasoningTokens;
}

function addAnswer(properties: Facts, call: LlmCall): void {
  const [first] = call.outputMessages;
  const [finishReason] = call.finishReasons;
  const toolCalls = first ? toolCallsOf(first) : [];
  if (finishReason !== undefined) properties.finish_reason = wellFormed(finishReason);
  if (call.cached === true) properties.cached = true;
  if (call.streaming !== undefined) properties.streaming = call.streaming;
  if (call.timeToFirstToken !== undefined) properties.time_to_first_token = call.timeToFirstToken;
  if (toolCalls.length > 0) {
    properties.tool_calls = [...new Set(toolCalls.map(({ name }) => wellFormed(name)))];
    properties.tool_call_count = toolCalls.length;
  }
  if (call.outputMessages.length > 1) properties.choice_count = call.outputMessages.length;
}

function addSystemPrompt(properties: Facts, call: LlmCall): void {
  const text = systemPromptOf(call);
  if (text !== '') properties.system_prompt = wellFormed(text);
}
