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
} from '../semconv.js';
import { readNumber, toRecord, toStrings, type SpanAttributes } from './attributes.js';
import type { RequestParameters } from './llm-call.js';
import { omitUndefined } from './omit-undefined.js';

/** Request parameters from the attributes of the GenAI conventions. */
export function readParameters(attributes: SpanAttributes): RequestParameters {
  return omitUndefined({
    temperature: readNumber(attributes, ATTR_GEN_AI_REQUEST_TEMPERATURE),
    topP: readNumber(attributes, ATTR_GEN_AI_REQUEST_TOP_P),
    topK: readNumber(attributes, ATTR_GEN_AI_REQUEST_TOP_K),
    maxTokens: readNumber(attributes, ATTR_GEN_AI_REQUEST_MAX_TOKENS),
    frequencyPenalty: readNumber(attributes, ATTR_GEN_AI_REQUEST_FREQUENCY_PENALTY),
    presencePenalty: readNumber(attributes, ATTR_GEN_AI_REQUEST_PRESENCE_PENALTY),
    seed: readNumber(attributes, ATTR_GEN_AI_REQUEST_SEED),
    choiceCount: readNumber(attributes, ATTR_GEN_AI_REQUEST_CHOICE_COUNT),
    stopSequences: toStopSequences(attributes[ATTR_GEN_AI_REQUEST_STOP_SEQUENCES]),
  });
}

/** Request parameters from a request body or a settings object, under the names that providers and frameworks use. */
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

function toStopSequences(value: unknown): readonly string[] | undefined {
  const sequences = toStrings(value);
  return sequences.length > 0 ? sequences : undefined;
}
