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
} from '../../common/semconv.js';
import {
  asNumber,
  asRecord,
  asStrings,
  asText,
  cut,
  isEmpty,
  isRecord,
  type UnknownRecord,
} from '../../common/unknown-values.js';
import type { RunMetadata } from '../options/run-metadata.js';

/** What a model was asked for, beside the messages. */
export interface ModelRequest {
  /** As a provider takes it, else as LangChain standardised it. */
  readonly model: string | undefined;
  /** The tools that it was offered, in the words of its provider. As they were given. */
  readonly tools: unknown;
  /** As it was given. */
  readonly signal: unknown;
  /** How many prompts LangChain sends in one request. */
  readonly batchSize: number;
}

/** What is found on the way through a request. */
interface Draft {
  readonly attributes: Attributes;
  /** `invocation_params`, an object in it, or the options of the call. */
  place: 'invocation' | 'nested' | 'options';
  model: string | undefined;
  modelName: string | undefined;
  tools: unknown;
  toolConfig: unknown;
  offeredTools: unknown;
  signal: unknown;
}

type Reader = (draft: Draft, value: unknown) => void;

/** Only what is named here is read of a request: the rest may hold keys, headers and live objects. */
const READERS: ReadonlyMap<string, Reader> = new Map([
  ...named(number(ATTR_GEN_AI_REQUEST_TEMPERATURE), 'temperature'),
  ...named(number(ATTR_GEN_AI_REQUEST_TOP_P), 'top_p', 'topP'),
  ...named(number(ATTR_GEN_AI_REQUEST_TOP_K), 'top_k', 'topK'),
  ...named(
    number(ATTR_GEN_AI_REQUEST_MAX_TOKENS),
    'max_tokens',
    'max_completion_tokens',
    'max_output_tokens',
    'maxTokens',
    'maxOutputTokens',
    'num_predict',
    'max_tokens_to_sample',
  ),
  ...named(number(ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY), 'frequency_penalty', 'frequencyPenalty'),
  ...named(number(ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY), 'presence_penalty', 'presencePenalty'),
  ...named(number(ATTR_GEN_AI_REQUEST_SEED), 'seed', 'randomSeed', 'random_seed'),
  ...named(({ attributes }, value) => addStop(attributes, value), 'stop', 'stop_sequences', 'stopSequences'),
  // Of OpenAI, of its Responses API, of Anthropic, of Mistral, of Google, of Ollama.
  ...named(addOutputType, 'response_format', 'text', 'output_config'),
  ...named(addOutputType, 'responseFormat', 'responseMimeType', 'format'),
  ...named(addChoiceCount, 'n'),
  // Where Google, Bedrock and Ollama have parameters inside of `invocation_params`.
  ...named(readNested, 'generationConfig', 'inferenceConfig', 'additionalModelRequestFields', 'options'),
  ...named((draft, value) => {
    if (draft.place === 'invocation') draft.model = asText(value);
  }, 'model'),
  ...named((draft, value) => {
    if (draft.place === 'invocation') draft.modelName = asText(value);
  }, 'model_name'),
  ...named((draft, value) => {
    if (draft.place === 'invocation') draft.tools = value;
    else if (draft.place === 'options') draft.offeredTools = value;
  }, 'tools'),
  ...named((draft, value) => {
    if (draft.place === 'invocation') draft.toolConfig = value;
  }, 'toolConfig'),
  ...named((draft, value) => {
    if (draft.place === 'options') draft.signal = value;
  }, 'signal'),
]);

/** Of these alone a number below zero is one; of others it is a way to say that there is none. */
const SIGNED = new Set([
  ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY,
  ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY,
  ATTR_GEN_AI_REQUEST_SEED,
]);

const JSON_FORMATS = new Set<unknown>(['json', 'json_object', 'json_schema', 'object', 'application/json']);

const MAX_NAME_LENGTH = 500;
const MAX_STOPS = 100;
const MAX_STOP_LENGTH = 1_000;

/** Reads a request and adds its parameters to `attributes`. What an earlier place says stays. */
export function readRequest(
  attributes: Attributes,
  serialized: unknown,
  extraParams: unknown,
  metadata: RunMetadata,
): ModelRequest {
  const { invocation_params, options, batch_size } = asRecord(extraParams);
  const draft: Draft = {
    attributes,
    place: 'invocation',
    model: undefined,
    modelName: undefined,
    tools: undefined,
    toolConfig: undefined,
    offeredTools: undefined,
    signal: undefined,
  };
  readPlace(draft, invocation_params);
  draft.place = 'options';
  readPlace(draft, options);
  addStandardParameters(attributes, metadata);
  const kwargs = asRecord(asRecord(serialized)['kwargs']);
  // Older packages tell no parameters of a call, but those of the model.
  if (isEmpty(asRecord(invocation_params))) {
    draft.place = 'nested';
    readPlace(draft, kwargs);
  }
  return {
    model: cutName(draft.model ?? draft.modelName ?? asText(metadata.model) ?? configuredModel(kwargs)),
    tools: draft.tools ?? asRecord(draft.toolConfig)['tools'] ?? draft.offeredTools,
    signal: draft.signal,
    batchSize: asNumber(batch_size) ?? 1,
  };
}

function configuredModel({ model, model_name }: UnknownRecord): string | undefined {
  return asText(model) ?? asText(model_name);
}

function cutName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : cut(name, MAX_NAME_LENGTH);
}

/** One pass over what is there: to look for each of many names costs several times as much. */
function readPlace(draft: Draft, place: unknown): void {
  if (!isRecord(place)) return;
  for (const name in place) READERS.get(name)?.(draft, place[name]);
}

function readNested(draft: Draft, value: unknown): void {
  if (draft.place !== 'invocation') return;
  draft.place = 'nested';
  readPlace(draft, value);
  draft.place = 'invocation';
}

/** What `metadata` repeats of them. */
function addStandardParameters(attributes: Attributes, { temperature, maxTokens, stop }: RunMetadata): void {
  setUnlessKnown(attributes, ATTR_GEN_AI_REQUEST_TEMPERATURE, asNumber(temperature));
  setUnlessKnown(attributes, ATTR_GEN_AI_REQUEST_MAX_TOKENS, asNumber(maxTokens));
  addStop(attributes, stop);
}

function named(reader: Reader, ...names: string[]): [string, Reader][] {
  return names.map((name) => [name, reader]);
}

function number(attribute: string): Reader {
  return ({ attributes }, value) => setUnlessKnown(attributes, attribute, asNumber(value));
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

function addChoiceCount({ attributes, place }: Draft, value: unknown): void {
  const choices = place === 'invocation' ? asNumber(value) : undefined;
  if (choices !== undefined && choices !== 1) attributes[ATTR_GEN_AI_REQUEST_CHOICE_COUNT] = choices;
}

/** `response_format` of OpenAI, `text.format` of its Responses API, `format` of Ollama, which may be a schema. */
function addOutputType({ attributes }: Draft, value: unknown): void {
  const { type, format } = asRecord(value);
  const outputType = asText(type) ?? asText(asRecord(format)['type']) ?? value;
  if (JSON_FORMATS.has(outputType)) attributes[ATTR_GEN_AI_OUTPUT_TYPE] = 'json';
}
