import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_PROVIDER_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_SYSTEM,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
} from '../../common/semconv.js';
import { readString, type SpanAttributes } from '../model/attributes.js';
import { ANY_SOURCES } from '../content/conversation.js';
import { readGenAiCall } from './gen-ai-call.js';
import { KIND_ATTRIBUTES, roleOfAnyKind } from '../fields/span-kind.js';
import type { SpanLike } from '../model/span-like.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

const LLM_MODEL = 'llm.model_name';

/**
 * GenAI conventions without an operation name (v1.26, v1.27): a span with a kind, or with a model and messages or token counts. It is the last
 * dialect in the list, because a model name alone proves little.
 */
export const unnamedGenAiDialect: Dialect = {
  name: 'gen_ai',
  markerAttributes: [
    ATTR_GEN_AI_REQUEST_MODEL,
    ATTR_GEN_AI_RESPONSE_MODEL,
    LLM_MODEL,
    ATTR_GEN_AI_TOOL_NAME,
    ATTR_GEN_AI_TOOL_CALL_ID,
    ...KIND_ATTRIBUTES,
  ],
  recognise: recogniseUnnamed,
  read: readUnnamed,
};

function recogniseUnnamed(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  const role = roleOfAnyKind(attributes);
  if (role !== undefined && role !== 'other') return role;
  if (readString(attributes, ATTR_GEN_AI_TOOL_NAME, ATTR_GEN_AI_TOOL_CALL_ID) !== undefined)
    return 'callBoundary';
  const model = readString(attributes, ATTR_GEN_AI_REQUEST_MODEL, ATTR_GEN_AI_RESPONSE_MODEL, LLM_MODEL);
  if (model === undefined) return role;
  // Agent spans of Pydantic AI have `model_name`.
  if (readString(attributes, ATTR_GEN_AI_AGENT_NAME, 'model_name') !== undefined) return 'agent';
  const isOther = role === 'other' || OTHER_NAME.test(span.name) || OTHER_MODEL.test(model);
  if (isOther && !hasQuestionAndAnswer(attributes)) return 'other';
  // A span that names the provider too is a call, also without content: it is counted as skipped (OpenLLMetry for Bedrock's Converse).
  const hasProvider = readString(attributes, ATTR_GEN_AI_PROVIDER_NAME, ATTR_GEN_AI_SYSTEM) !== undefined;
  return hasProvider || showsExchange(attributes, span) ? 'llm' : 'unclear';
}

function readUnnamed(view: SpanView): DialectReading {
  const reading = readGenAiCall(view, ANY_SOURCES);
  reading.responseModel ??= readString(view.attributes, LLM_MODEL);
  return reading;
}

/** Names of spans of other requests to providers. `moderate` or `images.describe` may be the name of a chat, which has question and answer. */
const OTHER_NAME = /embed|rerank|moderations|transcriptions|images?\.|audio\.|count_?tokens/i;
/** Names of models that do not chat. */
const OTHER_MODEL = /embed|rerank|moderation|whisper|dall-e|^tts-/i;

const EXCHANGE_KEY =
  /^(?:gen_ai\.(?:input\.messages|output\.messages|prompt|completion|usage\.)|llm\.(?:input_messages|output_messages|token_count\.))/;
const QUESTION_KEY = /^(?:gen_ai|llm)\.(?:input.messages|prompts?)\b/;
const ANSWER_KEY = /^(?:gen_ai|llm)\.(?:output.messages|completions?)\b/;
const EXCHANGE_EVENT =
  /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.|client\.inference\.operation\.details)/;

/** Returns whether the span has messages or token counts. */
function showsExchange(attributes: SpanAttributes, { events = [] }: SpanLike): boolean {
  for (const key in attributes) if (EXCHANGE_KEY.test(key)) return true;
  return events.some((event) => EXCHANGE_EVENT.test(event.name));
}

/** Returns whether the span has texts in both directions, whatever its name, its model or an unknown kind say. */
function hasQuestionAndAnswer(attributes: SpanAttributes): boolean {
  const names = Object.keys(attributes);
  return names.some((name) => QUESTION_KEY.test(name)) && names.some((name) => ANSWER_KEY.test(name));
}
