import { readString, toRecord, type SpanAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { toUsage } from '../fields/usage-body.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** MLflow tracing: every attribute is JSON, also a text, which has quotes: `"CHAT_MODEL"`. */
export const mlflowDialect: Dialect = {
  name: 'mlflow',
  markerAttributes: ['mlflow.spanType'],
  recognise: recogniseMlflow,
  read: readMlflow,
};

function recogniseMlflow(attributes: SpanAttributes): SpanRole | undefined {
  const written = attributes['mlflow.spanType'];
  if (typeof written !== 'string' || written === '') return undefined;
  const type = written.replaceAll('"', '').toUpperCase();
  if (type === 'CHAT_MODEL' || type === 'LLM') return 'llm';
  if (type === 'AGENT') return 'agent';
  return type === 'TOOL' || type === 'WORKFLOW' ? 'callBoundary' : 'other';
}

function readMlflow(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(attributes['mlflow.spanInputs']);
  const response = readResponse(attributes['mlflow.spanOutputs']);
  const conversation = readOwnConversation(view, request, response);
  const fields = readGenAiFields(view, conversation.outputMessages);
  const model = decodedText(attributes, 'mlflow.llm.model');
  const requestModel = fields.requestModel ?? readString(request.body, 'model') ?? model;
  return Object.assign(
    fields,
    conversation,
    omitUndefined({
      provider: fields.provider ?? normaliseProvider(decodedText(attributes, 'mlflow.llm.provider')),
      requestModel,
      responseModel:
        fields.responseModel ?? readString(response.body, 'model', 'modelVersion') ?? requestModel,
      responseId: fields.responseId ?? readString(response.body, 'id'),
      parameters: Object.assign(
        toParameters(toRecord(decode(attributes['mlflow.invocation_params']).value)),
        toParameters(request.body),
        fields.parameters,
      ),
      usage: Object.assign(
        toUsage(response.body.usage),
        toUsage(decode(attributes['mlflow.chat.tokenUsage']).value),
        fields.usage,
      ),
    }),
  );
}

function decodedText(attributes: SpanAttributes, key: string): string | undefined {
  const value = decode(attributes[key]).value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
