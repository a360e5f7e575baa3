import { readString, toRecord, toText } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { secondsUntil } from '../fields/first-token.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { metadataReader } from '../fields/metadata.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { toUsage } from '../fields/usage-body.js';
import { roleByKind } from '../fields/span-kind.js';
import type { Dialect, DialectReading, SpanView } from '../model/dialect.js';

const readMetadata = metadataReader('langsmith.metadata.');

// Written out, because V8 must intern a concatenated name before each look-up (test/bench/reading.mjs).
const METADATA_INVOCATION_PARAMS = 'langsmith.metadata.ls_invocation_params';
const METADATA_PROVIDER = 'langsmith.metadata.ls_provider';
const METADATA_MODEL_NAME = 'langsmith.metadata.ls_model_name';
const METADATA_TEMPERATURE = 'langsmith.metadata.ls_temperature';
const METADATA_MAX_TOKENS = 'langsmith.metadata.ls_max_tokens';
const METADATA_STOP = 'langsmith.metadata.ls_stop';

/** LangSmith's OpenTelemetry exporter: inputs and outputs of the traced function as JSON. */
export const langSmithDialect: Dialect = {
  name: 'langsmith',
  markerAttributes: ['langsmith.span.kind'],
  // The operation does not decide: kind `prompt` has `chat` as well, and `retriever` has `embeddings`.
  recognise: roleByKind('langsmith.span.kind', { llm: 'llm', tool: 'callBoundary' }),
  read: readLangSmith,
};

function readLangSmith(view: SpanView): DialectReading {
  const { span, attributes } = view;
  const request = readRequest(attributes['gen_ai.prompt'] ?? attributes['gen_ai.input.messages']);
  const response = readResponse(
    toResult(attributes['gen_ai.completion'] ?? attributes['gen_ai.output.messages']),
  );
  const conversation = readOwnConversation(view, request, response);
  const fields = readGenAiFields(view, conversation.outputMessages);
  const invocation = toRecord(decode(attributes[METADATA_INVOCATION_PARAMS]).value);
  return Object.assign(
    fields,
    conversation,
    omitUndefined({
      operation: 'chat' as const,
      provider: fields.provider ?? normaliseProvider(readString(attributes, METADATA_PROVIDER)),
      requestModel: fields.requestModel ?? readString(attributes, METADATA_MODEL_NAME),
      responseModel: fields.responseModel ?? readString(response.body, 'model'),
      responseId: fields.responseId ?? readString(response.body, 'id'),
      parameters: Object.assign(
        toParameters({
          temperature: attributes[METADATA_TEMPERATURE],
          max_tokens: attributes[METADATA_MAX_TOKENS],
          stop: attributes[METADATA_STOP],
        }),
        toParameters(invocation),
        toParameters(request.body),
        fields.parameters,
      ),
      usage: Object.assign(
        toUsage(response.body.usage),
        toUsage(decode(attributes['langsmith.usage_metadata']).value),
        fields.usage,
      ),
      timeToFirstToken:
        fields.timeToFirstToken ??
        secondsUntil(span, span.events?.find(({ name }) => name === 'new_token')?.attributes?.time),
      metadata: readMetadata(view),
    }),
  );
}

/** Returns the result of a traced function. LangSmith writes one that is no object as `{outputs}`, for Python as `{output}`. */
function toResult(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\{"outputs?":/.test(value)) return value;
  const body = toRecord(decode(value).value) ?? {};
  const isWhole = Object.keys(body).length === 1;
  return isWhole ? (body.outputs ?? toText(body.output) ?? value) : value;
}
