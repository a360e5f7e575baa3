import {
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
import { readNumber, toNumber, toRecord, toStrings, toText } from '../model/attributes.js';
import { field, type FieldsOf } from './fields.js';
import type { RequestParameters } from '../model/llm-call.js';
import { omitUndefined } from './omit-undefined.js';

/** Request parameters of the GenAI conventions, some under names of OpenLLMetry. */
export const PARAMETER_FIELDS: FieldsOf<RequestParameters> = {
  temperature: field(toNumber, ATTR_GEN_AI_REQUEST_TEMPERATURE),
  topP: field(toNumber, ATTR_GEN_AI_REQUEST_TOP_P),
  topK: field(toNumber, ATTR_GEN_AI_REQUEST_TOP_K, 'llm.top_k'),
  maxTokens: field(toNumber, ATTR_GEN_AI_REQUEST_MAX_TOKENS),
  frequencyPenalty: field(toNumber, ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY, 'llm.frequency_penalty'),
  presencePenalty: field(toNumber, ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY, 'llm.presence_penalty'),
  seed: field(toNumber, ATTR_GEN_AI_REQUEST_SEED),
  choiceCount: field(toNumber, ATTR_GEN_AI_REQUEST_CHOICE_COUNT),
  stopSequences: field(toStopSequences, ATTR_GEN_AI_REQUEST_STOP_SEQUENCES),
  responseFormat: field(toText, ATTR_TRUBRICS_RESPONSE_FORMAT),
  toolChoice: field(toText, ATTR_TRUBRICS_TOOL_CHOICE),
};

/** Reads request parameters from a request body or a settings object of any provider or framework. */
export function toParameters(value: unknown): RequestParameters {
  const body = toRecord(value);
  if (!body) return {};
  return omitUndefined({
    temperature: readNumber(body, 'temperature'),
    topP: readNumber(body, 'top_p', 'topP'),
    topK: readNumber(body, 'top_k', 'topK'),
    maxTokens: readNumber(
      body,
      'max_tokens',
      'max_completion_tokens',
      'max_output_tokens',
      'maxTokens',
      'maxOutputTokens',
    ),
    frequencyPenalty: readNumber(body, 'frequency_penalty', 'frequencyPenalty'),
    presencePenalty: readNumber(body, 'presence_penalty', 'presencePenalty'),
    seed: readNumber(body, 'seed'),
    choiceCount: readNumber(body, 'n', 'candidateCount', 'candidate_count'),
    stopSequences: toStopSequences(body.stop ?? body.stop_sequences ?? body.stopSequences),
  });
}

/** Returns the stop sequences, or `undefined` if there are none. */
export function toStopSequences(value: unknown): readonly string[] | undefined {
  const sequences = toStrings(value);
  return sequences.length > 0 ? sequences : undefined;
}
