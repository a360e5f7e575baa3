import { readString, toRecord, type SpanAttributes } from '../model/attributes.js';
import { conversationOf } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { roleByOperation } from '../fields/operation.js';
import { toParameters } from '../fields/parameters.js';
import { toUsage } from '../fields/usage-body.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

const REQUEST = 'gcp.vertex.agent.llm_request';

/** Google's Agent Development Kit: Gemini's request and response as JSON. Tool spans have `{}` there. */
export const googleAdkDialect: Dialect = {
  name: 'google_adk',
  markerAttributes: [REQUEST],
  recognise: recogniseGoogleAdk,
  read: readGoogleAdk,
};

function recogniseGoogleAdk(attributes: SpanAttributes): SpanRole | undefined {
  const request = attributes[REQUEST];
  if (request === undefined || request === '') return undefined;
  const role = roleByOperation(attributes);
  if (role !== undefined && role !== 'llm') return role;
  return request === '{}' ? 'callBoundary' : 'llm';
}

function readGoogleAdk(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(withoutNotice(attributes[REQUEST]));
  const response = readResponse(withoutNotice(attributes['gcp.vertex.agent.llm_response']));
  const fields = readGenAiFields(view, response.messages);
  const requestModel = fields.requestModel ?? readString(request.body, 'model');
  return Object.assign(
    fields,
    conversationOf(request, response),
    omitUndefined({
      operation: 'generate_content' as const,
      requestModel,
      responseModel:
        fields.responseModel ?? readString(response.body, 'modelVersion', 'model_version') ?? requestModel,
      parameters: Object.assign(toParameters(toRecord(request.body.config)), fields.parameters),
      usage: Object.assign(
        fields.usage,
        // The output attribute does not count thoughts, the response does.
        toUsage(response.body.usageMetadata ?? response.body.usage_metadata),
      ),
    }),
  );
}

/** Drops the notice that the kit writes if the content cannot be written as JSON. */
function withoutNotice(value: unknown): unknown {
  return value === '<not serializable>' ? undefined : value;
}
