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
import { asNumber, asRecord, asStrings, asText, isRecord, type UnknownRecord } from './read.js';
import { setKnown } from './set-known.js';

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

const STOP_NAMES = new Set(['stop', 'stop_sequences', 'stopSequences', 'ls_stop']);

/** Where providers keep parameters inside `invocation_params`: Google, Bedrock, Ollama. */
const NESTED = ['generationConfig', 'inferenceConfig', 'options'];

/** The model that was asked. */
export function requestModel(
  serialized: unknown,
  extraParams: unknown,
  metadata: unknown,
): string | undefined {
  const kwargs = asRecord(asRecord(serialized)['kwargs']);
  const invocation = asRecord(asRecord(extraParams)['invocation_params']);
  return (
    asText(invocation['model']) ??
    asText(invocation['model_name']) ??
    asText(asRecord(metadata)['ls_model_name']) ??
    asText(kwargs['model']) ??
    asText(kwargs['model_name'])
  );
}

/** Adds request parameters, by an allow-list. */
export function addRequestParameters(attributes: Attributes, extraParams: unknown, metadata: unknown): void {
  const { invocation_params, options } = asRecord(extraParams);
  const invocation = asRecord(invocation_params);
  addParameters(attributes, invocation);
  for (const name of NESTED) addParameters(attributes, invocation[name]);
  addParameters(attributes, options);
  addStandardParameters(attributes, metadata);
  const choices = asNumber(invocation['n']);
  if (choices !== undefined && choices !== 1) attributes[ATTR_GEN_AI_REQUEST_CHOICE_COUNT] = choices;
  if (asksForJson(invocation, asRecord(options))) attributes[ATTR_GEN_AI_OUTPUT_TYPE] = 'json';
}

/** What `metadata` repeats of them, among much else. */
function addStandardParameters(attributes: Attributes, metadata: unknown): void {
  if (!isRecord(metadata)) return;
  const { ls_temperature, ls_max_tokens, ls_stop } = metadata;
  if (attributes[ATTR_GEN_AI_REQUEST_TEMPERATURE] === undefined)
    setKnown(attributes, ATTR_GEN_AI_REQUEST_TEMPERATURE, asNumber(ls_temperature));
  if (attributes[ATTR_GEN_AI_REQUEST_MAX_TOKENS] === undefined)
    setKnown(attributes, ATTR_GEN_AI_REQUEST_MAX_TOKENS, asNumber(ls_max_tokens));
  if (ls_stop !== undefined) addParameters(attributes, { ls_stop });
}

/** What an earlier place said stays. */
function addParameters(attributes: Attributes, place: unknown): void {
  if (!isRecord(place)) return;
  for (const name in place) {
    const attribute = NUMBERS.get(name);
    if (attribute !== undefined) {
      if (attributes[attribute] === undefined) setKnown(attributes, attribute, asNumber(place[name]));
    } else if (STOP_NAMES.has(name) && attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] === undefined) {
      const stop = asStrings(place[name]);
      if (stop.length > 0) attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] = stop;
    }
  }
}

function asksForJson(invocation: UnknownRecord, options: UnknownRecord): boolean {
  const format =
    invocation['response_format'] ?? options['response_format'] ?? asRecord(invocation['text'])['format'];
  const type = asText(asRecord(format)['type']);
  return type === 'json_object' || type === 'json_schema' || invocation['format'] === 'json';
}
