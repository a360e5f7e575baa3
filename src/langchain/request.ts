import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_OUTPUT_TYPE,
  ATTR_GEN_AI_REQUEST_CHOICE_COUNT,
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_MAX_TOKENS,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
  ATTR_GEN_AI_REQUEST_STOP_SEQUENCES,
  ATTR_GEN_AI_REQUEST_TEMPERATURE,
  ATTR_GEN_AI_REQUEST_TOP_K,
  ATTR_GEN_AI_REQUEST_TOP_P,
} from '../semconv.js';
import { asNumber, asRecord, asStrings, asText, cut, isRecord } from './read.js';

/** Only these are read of a request: the rest may hold keys, headers and live objects. */
const NUMBERS: ReadonlyMap<string, string> = new Map([
  ['temperature', ATTR_GEN_AI_REQUEST_TEMPERATURE],
  ['top_p', ATTR_GEN_AI_REQUEST_TOP_P],
  ['topP', ATTR_GEN_AI_REQUEST_TOP_P],
  ['top_k', ATTR_GEN_AI_REQUEST_TOP_K],
  ['topK', ATTR_GEN_AI_REQUEST_TOP_K],
  ['max_tokens', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['max_completion_tokens', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['max_output_tokens', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['maxTokens', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['maxOutputTokens', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['num_predict', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['max_tokens_to_sample', ATTR_GEN_AI_REQUEST_MAX_TOKENS],
  ['frequency_penalty', ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY],
  ['frequencyPenalty', ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY],
  ['presence_penalty', ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY],
  ['presencePenalty', ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY],
  ['seed', ATTR_GEN_AI_REQUEST_SEED],
  ['randomSeed', ATTR_GEN_AI_REQUEST_SEED],
  ['random_seed', ATTR_GEN_AI_REQUEST_SEED],
]);

const FORMAT_NAMES = new Set([
  'response_format',
  'responseFormat',
  'responseMimeType',
  'output_config',
  'text',
  'format',
]);
const STOP_NAMES = new Set(['stop', 'stop_sequences', 'stopSequences', 'ls_stop']);

const MAX_NAME_LENGTH = 500;
const MAX_STOPS = 100;
const MAX_STOP_LENGTH = 1_000;

/** The model that was asked. */
export function requestModel(
  serialized: unknown,
  extraParams: unknown,
  metadata: unknown,
): string | undefined {
  const kwargs = asRecord(asRecord(serialized)['kwargs']);
  const invocation = asRecord(asRecord(extraParams)['invocation_params']);
  const name =
    asText(invocation['model']) ??
    asText(invocation['model_name']) ??
    asText(asRecord(metadata)['ls_model_name']) ??
    asText(kwargs['model']) ??
    asText(kwargs['model_name']);
  return name === undefined ? undefined : cut(name, MAX_NAME_LENGTH);
}

/** Where Google, Bedrock and Ollama have parameters inside of `invocation_params`. */
const NESTED = new Set(['generationConfig', 'inferenceConfig', 'additionalModelRequestFields', 'options']);

/** Of these alone a number below zero is one; of others it is a way to say that there is none. */
const SIGNED = new Set([
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
]);

/** Adds request parameters, by an allow-list. What an earlier place said stays. */
export function addRequestParameters(
  attributes: Attributes,
  extraParams: unknown,
  metadata: unknown,
  serialized: unknown,
): void {
  const { invocation_params, options } = asRecord(extraParams);
  addParameters(attributes, invocation_params, true);
  addParameters(attributes, options, false);
  addStandardParameters(attributes, metadata);
  // Older packages tell no parameters of a call, but those of the model.
  if (isEmpty(invocation_params)) addParameters(attributes, asRecord(serialized)['kwargs'], false);
}

function isEmpty(value: unknown): boolean {
  for (const _ in asRecord(value)) return false;
  return true;
}

/** One pass over what is there: to look for each of many names costs several times as much. */
function addParameters(attributes: Attributes, place: unknown, isInvocation: boolean): void {
  if (!isRecord(place)) return;
  for (const name in place) {
    const attribute = NUMBERS.get(name);
    if (attribute !== undefined) setUnlessKnown(attributes, attribute, asNumber(place[name]));
    else if (STOP_NAMES.has(name)) addStop(attributes, place[name]);
    else if (FORMAT_NAMES.has(name)) addOutputType(attributes, place[name]);
    else if (isInvocation && name === 'n') addChoiceCount(attributes, place[name]);
    else if (isInvocation && NESTED.has(name)) addParameters(attributes, place[name], false);
  }
}

/** What `metadata` repeats of them, among much else. */
function addStandardParameters(attributes: Attributes, metadata: unknown): void {
  const { ls_temperature, ls_max_tokens, ls_stop } = asRecord(metadata);
  setUnlessKnown(attributes, ATTR_GEN_AI_REQUEST_TEMPERATURE, asNumber(ls_temperature));
  setUnlessKnown(attributes, ATTR_GEN_AI_REQUEST_MAX_TOKENS, asNumber(ls_max_tokens));
  addStop(attributes, ls_stop);
}

function setUnlessKnown(attributes: Attributes, name: string, value: number | undefined): void {
  if (value !== undefined && (value >= 0 || SIGNED.has(name))) attributes[name] ??= value;
}

function addStop(attributes: Attributes, value: unknown): void {
  if (value === undefined || attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] !== undefined) return;
  const stop = asStrings(value).slice(0, MAX_STOPS);
  if (stop.length > 0)
    attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] = stop.map((text) => cut(text, MAX_STOP_LENGTH));
}

function addChoiceCount(attributes: Attributes, value: unknown): void {
  const choices = asNumber(value);
  if (choices !== undefined && choices !== 1) attributes[ATTR_GEN_AI_REQUEST_CHOICE_COUNT] = choices;
}

const JSON_FORMATS = new Set<unknown>(['json', 'json_object', 'json_schema', 'object', 'application/json']);

/** `response_format` of OpenAI, `text.format` of its Responses API, `format` of Ollama, which may be a schema. */
function addOutputType(attributes: Attributes, value: unknown): void {
  const { type, format } = asRecord(value);
  const named = asText(type) ?? asText(asRecord(format)['type']) ?? value;
  if (JSON_FORMATS.has(named)) attributes[ATTR_GEN_AI_OUTPUT_TYPE] = 'json';
}
