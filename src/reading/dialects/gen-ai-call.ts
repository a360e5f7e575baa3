import { ATTR_TRUBRICS_METADATA } from '../../common/semconv.js';
import { toRecord } from '../model/attributes.js';
import { GEN_AI_SOURCES, readConversation, type ContentSources } from '../content/conversation.js';
import { decode } from '../decoding/decode.js';
import { withDetails } from '../content/events/details-events.js';
import type { SpanView } from '../model/dialect.js';
import { readGenAiFields, type GenAiReading } from '../fields/gen-ai-fields.js';

/** Reads a call in the GenAI conventions of any version. Dialects that extend them pass the places of their content. */
export function readGenAiCall(view: SpanView, sources: ContentSources = GEN_AI_SOURCES): GenAiReading {
  const events = view.span.events ?? [];
  const complete = withDetails(view, events);
  const conversation = readConversation(complete, events, sources, view.span.droppedAttributesCount);
  const reading = readGenAiFields(complete, conversation.outputMessages);
  reading.systemInstructions = conversation.systemInstructions;
  reading.inputMessages = conversation.inputMessages;
  reading.outputMessages = conversation.outputMessages;
  reading.truncated = conversation.truncated;
  reading.inputTruncated = conversation.inputTruncated;
  reading.metadata = toRecord(decode(complete.attributes[ATTR_TRUBRICS_METADATA]).value);
  return reading;
}
