import { readString, toBoolean, toRecord, type SpanAttributes } from '../model/attributes.js';
import { readOwnConversation } from '../content/own-conversation.js';
import { readRequest } from '../content/request.js';
import { readResponse } from '../content/response.js';
import { decode } from '../decoding/decode.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import { metadataReader } from '../fields/metadata.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import { toParameters } from '../fields/parameters.js';
import { normaliseProvider } from '../fields/provider.js';
import { roleByKind } from '../fields/span-kind.js';
import { toUsage } from '../fields/usage-body.js';
import type { Dialect, DialectReading, SpanView } from '../model/dialect.js';

/** LangWatch's SDKs and their LangChain handler: input, output and metrics as JSON that names the type of its value. */
export const langWatchDialect: Dialect = {
  name: 'langwatch',
  markerAttributes: ['langwatch.span.type'],
  recognise: roleByKind('langwatch.span.type', {
    llm: 'llm',
    tool: 'callBoundary',
    agent: 'agent',
    workflow: 'callBoundary',
  }),
  read: readLangWatch,
};

const readMetadata = metadataReader('langwatch.langchain.run.metadata.');

function readLangWatch(view: SpanView): DialectReading {
  const { attributes } = view;
  const request = readRequest(readValue(attributes['langwatch.input']));
  const response = readResponse(joinTexts(readValue(attributes['langwatch.output'])));
  const conversation = readOwnConversation(view, request, response);
  const fields = readGenAiFields(view, conversation.outputMessages);
  const invocation = readInvocation(attributes);
  const metrics = readValue(attributes['langwatch.metrics']);
  return Object.assign(
    fields,
    conversation,
    omitUndefined({
      provider:
        fields.provider ??
        normaliseProvider(readString(attributes, 'langwatch.langchain.run.metadata.ls_provider')),
      requestModel:
        fields.requestModel ??
        readString(attributes, 'langwatch.langchain.run.metadata.ls_model_name') ??
        readString(invocation, 'model', 'model_name'),
      parameters: Object.assign(toParameters(invocation), fields.parameters),
      usage: Object.assign(toUsage(metrics), fields.usage),
      streaming: fields.streaming ?? toBoolean(invocation.stream),
      metadata: withoutVersions(readMetadata(view)),
    }),
  );
}

/** Returns the settings of the request. LangWatch's SDKs and its LangChain handler write them under different names. */
function readInvocation(attributes: SpanAttributes): SpanAttributes {
  const settings = readValue(attributes['langwatch.params']);
  const invocation = decode(attributes['langwatch.langchain.run.extra_params.invocation_params']).value;
  return { ...toRecord(invocation), ...toRecord(settings) };
}

/** Returns the value inside `{type, value}`. A list holds such values in turn. */
function readValue(written: unknown): unknown {
  return unwrap(decode(written).value);
}

function unwrap(value: unknown): unknown {
  const shape = toRecord(value);
  if (!shape || typeof shape.type !== 'string' || !('value' in shape)) return value;
  return shape.type === 'list' && Array.isArray(shape.value)
    ? shape.value.flatMap((item: unknown) => unwrap(item))
    : shape.value;
}

/** Returns a list of texts as one text: the outputs of a call, which would otherwise read as JSON. */
function joinTexts(value: unknown): unknown {
  const isTexts = Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
  return isTexts ? value.join('\n') : value;
}

/** Drops the versions of LangChain's packages, which LangChain adds to the user's metadata. */
function withoutVersions({
  versions: _versions,
  ...metadata
}: Readonly<Record<string, unknown>>): SpanAttributes {
  return metadata;
}
