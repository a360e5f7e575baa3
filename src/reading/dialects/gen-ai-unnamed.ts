import {
  ATTR_GEN_AI_AGENT_NAME,
  ATTR_GEN_AI_REQUEST_MODEL,
  ATTR_GEN_AI_RESPONSE_MODEL,
  ATTR_GEN_AI_TOOL_CALL_ID,
  ATTR_GEN_AI_TOOL_NAME,
} from '../../semconv.js';
import { readString, type SpanAttributes } from '../attributes.js';
import { readGenAiCall } from '../gen-ai-call.js';
import type { SpanLike } from '../span-like.js';
import type { Dialect, SpanRole } from './dialect.js';

/**
 * GenAI conventions without an operation name, as v1.26 and v1.27 were: a span that names a model and shows that something was
 * exchanged. The last dialect, because a model alone proves little.
 */
export const unnamedGenAiDialect: Dialect = {
  name: 'gen_ai',
  recognise: recogniseUnnamed,
  read: (view) => readGenAiCall(view),
};

function recogniseUnnamed(attributes: SpanAttributes, span: SpanLike): SpanRole | undefined {
  if (readString(attributes, ATTR_GEN_AI_TOOL_NAME, ATTR_GEN_AI_TOOL_CALL_ID) !== undefined) return 'barrier';
  const model = readString(
    attributes,
    ATTR_GEN_AI_REQUEST_MODEL,
    ATTR_GEN_AI_RESPONSE_MODEL,
    'llm.model_name',
  );
  if (model === undefined) return undefined;
  // Pydantic AI names the model so on its agents.
  if (readString(attributes, ATTR_GEN_AI_AGENT_NAME, 'model_name') !== undefined) return 'barrier';
  if (/embed|rerank/i.test(span.name)) return 'other';
  return showsExchange(attributes, span) ? 'llm' : undefined;
}

const EXCHANGE_KEY =
  /^(?:gen_ai\.(?:input\.messages|output\.messages|prompt|completion|usage\.)|llm\.(?:input_messages\.|output_messages\.|token_count\.))/;
const EXCHANGE_EVENT =
  /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.|client\.inference\.operation\.details)/;

function showsExchange(attributes: SpanAttributes, { events = [] }: SpanLike): boolean {
  for (const key in attributes) if (EXCHANGE_KEY.test(key)) return true;
  return events.some((event) => EXCHANGE_EVENT.test(event.name));
}
