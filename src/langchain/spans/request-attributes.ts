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
  ATTR_TRUBRICS_RESPONSE_FORMAT,
  ATTR_TRUBRICS_TOOL_CHOICE,
} from '../../common/semconv.js';
import {
  asNumber,
  asRecord,
  asShortText,
  asStrings,
  asText,
  cut,
  isEmpty,
  isRecord,
  type UnknownRecord,
} from '../../common/unknown-values.js';
import { kwargsOf } from '../messages/serialized.js';
import type { RunMetadata } from '../options/run-metadata.js';
import { azureDeployment } from './provider-attributes.js';
import { shortFormat, shortToolChoice } from './short-values.js';

/** Parameters of a model call that are not attributes. */
export interface ModelRequest {
  /** Model name as sent to the provider, else as standardised by LangChain. */
  readonly model: string | undefined;
  /** Tool definitions in the provider's format, unchecked. */
  readonly tools: unknown;
  /** Abort signal, unchecked. */
  readonly signal: unknown;
  /** Number of prompts that LangChain sends in one request. */
  readonly batchSize: number;
}

/** Values found so far in a request. */
interface RequestDraft {
  readonly attributes: Attributes;
  /** Object that is being read: `invocation_params`, an object inside it, or the options of the call. */
  location: 'invocation' | 'nested' | 'options';
  model: string | undefined;
  modelName: string | undefined;
  tools: unknown;
  toolConfig: unknown;
  offeredTools: unknown;
  signal: unknown;
}

type ParameterReader = (draft: RequestDraft, value: unknown) => void;

/** Parameter name → reader. No other parameter is read, because the rest can hold keys, headers and live objects. */
const PARAMETER_READERS: ReadonlyMap<string, ParameterReader> = new Map([
  ...forNames(number(ATTR_GEN_AI_REQUEST_TEMPERATURE), 'temperature'),
  ...forNames(number(ATTR_GEN_AI_REQUEST_TOP_P), 'top_p', 'topP'),
  ...forNames(number(ATTR_GEN_AI_REQUEST_TOP_K), 'top_k', 'topK'),
  ...forNames(
    number(ATTR_GEN_AI_REQUEST_MAX_TOKENS),
    'max_tokens',
    'max_completion_tokens',
    'max_output_tokens',
    'maxTokens',
    'maxOutputTokens',
    'num_predict',
    'max_tokens_to_sample',
  ),
  ...forNames(signedNumber(ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY), 'frequency_penalty', 'frequencyPenalty'),
  ...forNames(signedNumber(ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY), 'presence_penalty', 'presencePenalty'),
  ...forNames(signedNumber(ATTR_GEN_AI_REQUEST_SEED), 'seed', 'randomSeed', 'random_seed'),
  ...forNames(
    ({ attributes }, value) => addStop(attributes, value),
    'stop',
    'stop_sequences',
    'stopSequences',
  ),
  ...forNames(
    addOutputType,
    'response_format', // OpenAI
    'text', // OpenAI, Responses API
    'output_config', // Anthropic
    'responseFormat', // Mistral
    'responseMimeType', // Google
    'format', // Ollama
  ),
  ...forNames(addChoiceCount, 'n'),
  ...forNames(
    readNestedParameters,
    'generationConfig', // Google
    'inferenceConfig', // Bedrock
    'additionalModelRequestFields', // Bedrock
    'options', // Ollama
  ),
  ...forNames((draft, value) => {
    if (draft.location === 'invocation') draft.model = asText(value);
  }, 'model'),
  ...forNames((draft, value) => {
    if (draft.location === 'invocation') draft.modelName = asText(value);
  }, 'model_name'),
  ...forNames((draft, value) => {
    if (draft.location === 'invocation') draft.tools = value;
    else if (draft.location === 'options') draft.offeredTools = value;
  }, 'tools'),
  ...forNames((draft, value) => {
    if (draft.location !== 'invocation') return;
    draft.toolConfig = value;
    const { toolChoice, functionCallingConfig } = asRecord(value);
    addToolChoice(draft, toolChoice ?? functionCallingConfig);
  }, 'toolConfig'), // Bedrock, Google
  ...forNames(addToolChoice, 'tool_choice', 'toolChoice'),
  ...forNames((draft, value) => {
    if (draft.location === 'options') draft.signal = value;
  }, 'signal'),
]);

const JSON_FORMATS: ReadonlySet<string> = new Set(['json', 'json_object', 'json_schema']);

const MAX_NAME_LENGTH = 500;
const MAX_STOPS = 100;
const MAX_STOP_LENGTH = 1_000;

/**
 * Parses a request and adds its parameters to `attributes`: from `invocation_params`, else the options of the call, else metadata,
 * else the configuration of the model.
 */
export function readRequest(
  attributes: Attributes,
  serialized: unknown,
  extraParams: unknown,
  metadata: RunMetadata,
): ModelRequest {
  const { invocation_params, options, batch_size } = asRecord(extraParams);
  const draft: RequestDraft = {
    attributes,
    location: 'invocation',
    model: undefined,
    modelName: undefined,
    tools: undefined,
    toolConfig: undefined,
    offeredTools: undefined,
    signal: undefined,
  };
  readParameters(draft, invocation_params);
  draft.location = 'options';
  readParameters(draft, options);
  addStandardParameters(attributes, metadata);
  const kwargs = kwargsOf(serialized);
  // Older provider packages report no `invocation_params`.
  if (isEmpty(asRecord(invocation_params))) {
    draft.location = 'nested';
    readParameters(draft, kwargs);
  }
  return {
    model: asShortText(
      azureDeployment(serialized) ??
        draft.model ??
        draft.modelName ??
        asText(metadata.model) ??
        configuredModel(kwargs),
      MAX_NAME_LENGTH,
    ),
    tools: draft.tools ?? asRecord(draft.toolConfig)['tools'] ?? draft.offeredTools,
    signal: draft.signal,
    batchSize: asNumber(batch_size) ?? 1,
  };
}

function configuredModel({ model, model_name }: UnknownRecord): string | undefined {
  return asText(model) ?? asText(model_name);
}

/** Reads the parameters that `source` has, in one pass: it has far fewer than {@link PARAMETER_READERS} has names. */
function readParameters(draft: RequestDraft, source: unknown): void {
  if (!isRecord(source)) return;
  for (const name in source) PARAMETER_READERS.get(name)?.(draft, source[name]);
}

function readNestedParameters(draft: RequestDraft, value: unknown): void {
  if (draft.location !== 'invocation') return;
  draft.location = 'nested';
  readParameters(draft, value);
  draft.location = 'invocation';
}

/** Adds the parameters that LangChain repeats in the metadata. */
function addStandardParameters(attributes: Attributes, { temperature, maxTokens, stop }: RunMetadata): void {
  addNumber(attributes, ATTR_GEN_AI_REQUEST_TEMPERATURE, asNumber(temperature));
  addNumber(attributes, ATTR_GEN_AI_REQUEST_MAX_TOKENS, asNumber(maxTokens));
  addStop(attributes, stop);
}

function forNames(reader: ParameterReader, ...names: string[]): [string, ParameterReader][] {
  return names.map((name) => [name, reader]);
}

function number(attribute: string): ParameterReader {
  return ({ attributes }, value) => addNumber(attributes, attribute, asNumber(value));
}

/** Reads a parameter that may be negative. For all others LangChain uses a negative number for "not set". */
function signedNumber(attribute: string): ParameterReader {
  return ({ attributes }, value) => {
    const given = asNumber(value);
    if (given !== undefined) attributes[attribute] ??= given;
  };
}

/** Adds a number unless the attribute is set already. */
function addNumber(attributes: Attributes, name: string, value: number | undefined): void {
  if (value !== undefined && value >= 0) attributes[name] ??= value;
}

function addStop(attributes: Attributes, value: unknown): void {
  if (value === undefined || attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] !== undefined) return;
  const stop = asStrings(value).slice(0, MAX_STOPS);
  if (stop.length > 0)
    attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES] = stop.map((text) => cut(text, MAX_STOP_LENGTH));
}

function addChoiceCount({ attributes, location: place }: RequestDraft, value: unknown): void {
  const choices = place === 'invocation' ? asNumber(value) : undefined;
  if (choices !== undefined && choices !== 1) attributes[ATTR_GEN_AI_REQUEST_CHOICE_COUNT] = choices;
}

/** Adds the output type from `{ type }`, `{ format: { type } }` (OpenAI's Responses API) or a string. Ollama's may be a JSON schema. */
function addOutputType({ attributes }: RequestDraft, value: unknown): void {
  const format = shortFormat(value);
  if (format !== undefined) attributes[ATTR_TRUBRICS_RESPONSE_FORMAT] ??= format;
  if (format !== undefined && JSON_FORMATS.has(format)) attributes[ATTR_GEN_AI_OUTPUT_TYPE] = 'json';
}

function addToolChoice({ attributes }: RequestDraft, value: unknown): void {
  const choice = shortToolChoice(value);
  if (choice !== undefined) attributes[ATTR_TRUBRICS_TOOL_CHOICE] ??= choice;
}
