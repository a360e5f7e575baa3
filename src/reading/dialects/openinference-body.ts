import { readString, toRecord, type SpanAttributes } from '../model/attributes.js';
import { unwrapLangChainMessage } from '../content/messages/langchain.js';
import { readResponse } from '../content/response.js';
import { decode } from '../decoding/decode.js';
import { toUsage } from '../fields/usage-body.js';
import type { OutputMessage, TokenUsage } from '../model/llm-call.js';

/** Fields that only the bodies in `input.value` and `output.value` have. */
export interface OpenInferenceBody {
  readonly responseModel: string | undefined;
  readonly responseId: string | undefined;
  readonly usage: TokenUsage;
  readonly output: readonly OutputMessage[];
}

/** Instrumentations that leave facts in the bodies alone. Those of the others are not parsed: they may be large. */
const LEAVES_FACTS = /openai[-_]agents|bedrock|langchain/;

/**
 * Reads the facts that an instrumentation leaves in the bodies: the answering model (OpenAI Agents, LangChain), cached tokens
 * (Bedrock), ids of tool calls (LangChain). `undefined`: the instrumentation writes all facts as attributes.
 */
export function readOpenInferenceBody(
  scope: string,
  attributes: SpanAttributes,
): OpenInferenceBody | undefined {
  if (!LEAVES_FACTS.test(scope)) return undefined;
  const output = decode(attributes['output.value']).value;
  const written = toRecord(Array.isArray(output) ? output[0] : output) ?? {};
  const isLangChain = scope.includes('langchain');
  const body = isLangChain ? langChainBody(written) : written;
  return {
    responseModel: readString(body, 'model', 'model_name', 'modelVersion'),
    responseId: readString(body, 'id'),
    usage: toUsage(body.usage),
    output: isLangChain ? readResponse(output).messages : [],
  };
}

/** Returns the facts about the first generation under the names of a provider's body. */
function langChainBody(body: SpanAttributes): SpanAttributes {
  const generations: readonly unknown[] = Array.isArray(body.generations) ? body.generations.flat() : [];
  const message = unwrapLangChainMessage(toRecord(toRecord(generations[0])?.message) ?? {});
  const metadata = toRecord(message.response_metadata) ?? {};
  const id = readString(message, 'id');
  return {
    model: readString(metadata, 'model_name', 'model'),
    // LangChain makes up an id where the provider gives none.
    id: id !== undefined && /^(?:lc_)?run-/.test(id) ? undefined : id,
    usage: message.usage_metadata,
  };
}
