import { readString, type SpanAttributes } from '../model/attributes.js';
import { unfoldMessages } from '../content/messages/embedded.js';
import { readGenAiCall } from './gen-ai-call.js';
import { roleByOperation } from '../fields/operation.js';
import { normaliseProvider } from '../fields/provider.js';
import type { Dialect, DialectReading, SpanRole, SpanView } from '../model/dialect.js';

/** Langtrace: content in events, with tool calls as JSON in place of the text. */
export const langtraceDialect: Dialect = {
  name: 'langtrace',
  markerAttributes: ['langtrace.service.type'],
  recognise: recogniseLangtrace,
  read: readLangtrace,
};

function recogniseLangtrace(attributes: SpanAttributes): SpanRole | undefined {
  const type = readString(attributes, 'langtrace.service.type');
  if (type === undefined) return undefined;
  if (type !== 'llm') return 'other';
  return roleByOperation(attributes);
}

function readLangtrace(view: SpanView): DialectReading {
  const reading = readGenAiCall(view);
  const input = unfoldMessages(reading.inputMessages);
  const output = unfoldMessages(reading.outputMessages);
  reading.inputMessages = input.messages;
  reading.outputMessages = output.messages;
  reading.truncated ||= input.cut || output.cut;
  reading.provider ??= normaliseProvider(readString(view.attributes, 'langtrace.service.name'));
  if (view.span.events?.some((event) => event.name === 'stream.start')) {
    reading.streaming = true;
    // Langtrace estimates the tokens of a stream and swaps the two counts, so they are dropped.
    reading.usage = {};
  }
  return reading;
}
