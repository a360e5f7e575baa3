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
import { asNumber, asRecord, asStrings, asText, type UnknownRecord } from './read.js';

/** Only these are read of a request: the rest may hold keys, headers and live objects. */
const NUMBERS: readonly (readonly [attribute: string, names: readonly string[]])[] = [
  [ATTR_GEN_AI_REQUEST_TEMPERATURE, ['temperature', 'ls_temperature']],
  [ATTR_GEN_AI_REQUEST_TOP_P, ['top_p', 'topP']],
  [ATTR_GEN_AI_REQUEST_TOP_K, ['top_k', 'topK']],
  [
    ATTR_GEN_AI_REQUEST_MAX_TOKENS,
    [
      'max_tokens',
      'max_completion_tokens',
      'max_output_tokens',
      'maxTokens',
      'maxOutputTokens',
      'num_predict',
      'max_tokens_to_sample',
      'ls_max_tokens',
    ],
  ],
  [ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY, ['frequency_penalty', 'frequencyPenalty']],
  [ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY, ['presence_penalty', 'presencePenalty']],
  [ATTR_GEN_AI_REQUEST_SEED, ['seed', 'randomSeed', 'random_seed']],
];

const STOP_NAMES = ['stop', 'stop_sequences', 'stopSequences', 'ls_stop'];

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

/** Request parameters by an allow-list. */
export function requestAttributes(extraParams: unknown, metadata: unknown): Attributes {
  const { invocation_params, options } = asRecord(extraParams);
  const places = placesOf(asRecord(invocation_params), asRecord(options), asRecord(metadata));
  const attributes: Attributes = {};
  for (const [attribute, names] of NUMBERS) {
    const value = firstNumber(places, names);
    if (value !== undefined) attributes[attribute] = value;
  }
  const stop = firstStop(places);
  if (stop) attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] = stop;
  const choices = asNumber(asRecord(invocation_params)['n']);
  if (choices !== undefined && choices !== 1) attributes[ATTR_GEN_AI_REQUEST_CHOICE_COUNT] = choices;
  if (asksForJson(asRecord(invocation_params), asRecord(options)))
    attributes[ATTR_GEN_AI_OUTPUT_TYPE] = 'json';
  return attributes;
}

function placesOf(
  invocation: UnknownRecord,
  options: UnknownRecord,
  metadata: UnknownRecord,
): UnknownRecord[] {
  const places = [invocation];
  for (const name of NESTED) {
    const nested = invocation[name];
    if (nested !== undefined) places.push(asRecord(nested));
  }
  places.push(options, metadata);
  return places;
}

function firstNumber(places: readonly UnknownRecord[], names: readonly string[]): number | undefined {
  for (const place of places) {
    for (const name of names) {
      const value = place[name];
      if (typeof value === 'number' && Number.isFinite(value)) return value;
    }
  }
  return undefined;
}

function firstStop(places: readonly UnknownRecord[]): string[] | undefined {
  for (const place of places) {
    for (const name of STOP_NAMES) {
      const stop = place[name] === undefined ? [] : asStrings(place[name]);
      if (stop.length > 0) return stop;
    }
  }
  return undefined;
}

function asksForJson(invocation: UnknownRecord, options: UnknownRecord): boolean {
  const format =
    invocation['response_format'] ?? options['response_format'] ?? asRecord(invocation['text'])['format'];
  const type = asText(asRecord(format)['type']);
  return type === 'json_object' || type === 'json_schema' || invocation['format'] === 'json';
}
