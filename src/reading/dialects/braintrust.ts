import { readNumber, readString, toRecord, type SpanAttributes } from '../model/attributes.js';
import { decode } from '../decoding/decode.js';
import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { ownMetadata } from '../fields/metadata.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { toUsage } from '../fields/usage-body.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Braintrust: span kind, input, output, metadata and metrics as JSON attributes. */
export const braintrustDialect: Dialect = {
  name: 'braintrust',
  markerAttributes: ['braintrust.span_attributes'],
  recognise: recogniseBraintrust,
  read: readBraintrust,
};

function recogniseBraintrust(attributes: SpanAttributes): SpanRole | undefined {
  const written = attributes['braintrust.span_attributes'];
  if (written === undefined || written === '') return undefined;
  const type = toRecord(decode(written).value)?.type;
  if (type === 'llm') return 'llm';
  return type === 'tool' ? 'callBoundary' : 'other';
}

/** Request settings that Braintrust writes into the user's metadata. They are left out of it. */
const SETTINGS =
  /^(?:model|provider|temperature|top_p|top_k|max_tokens|max_completion_tokens|max_output_tokens|frequency_penalty|presence_penalty|seed|stop|n|tools|tool_choice|stream|response_format)$/;

function readBraintrust(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(attributes['braintrust.input_json'] ?? attributes['braintrust.input']);
  const response = readResponse(attributes['braintrust.output_json'] ?? attributes['braintrust.output']);
  const metadata = toRecord(decode(attributes['braintrust.metadata']).value) ?? {};
  const metrics = toRecord(decode(attributes['braintrust.metrics']).value) ?? {};
  const conversation = readOwnConversation(view, request, response);
  const fields = readGenAiFields(view, conversation.outputMessages);
  const requestModel = fields.requestModel ?? readString(metadata, 'model');
  const timeToFirstToken = readNumber(metrics, 'time_to_first_token');
  return Object.assign(
    fields,
    conversation,
    omitUndefined({
      provider: fields.provider ?? normaliseProvider(readString(metadata, 'provider')),
      requestModel,
      responseModel: fields.responseModel ?? requestModel,
      parameters: Object.assign(toParameters(metadata), fields.parameters),
      usage: Object.assign(toUsage(metrics), fields.usage),
      timeToFirstToken: timeToFirstToken ?? fields.timeToFirstToken,
      metadata: ownMetadata(
        Object.fromEntries(Object.entries(metadata).filter(([name]) => !SETTINGS.test(name))),
      ),
    }),
  );
}
