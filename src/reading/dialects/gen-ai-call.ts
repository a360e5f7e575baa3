import { ATTR_TRUBRICS_METADATA } from '../../common/semconv.js';
import { toRecord } from '../model/attributes.js';
import { GEN_AI_SOURCES, readConversation, type ContentSources } from '../content/conversation.js';
import { decode } from '../decoding/decode.js';
import { withDetails } from '../content/events/details-events.js';
import type { DialectReading, SpanView } from '../model/dialect.js';
import { readGenAiFields } from '../fields/gen-ai-fields.js';
import type { LlmCall } from '../model/llm-call.js';

/** A reading of the GenAI conventions. These members are always set, perhaps empty. */
export type GenAiReading = DialectReading &
  Pick<
    LlmCall,
    'systemInstructions' | 'inputMessages' | 'outputMessages' | 'finishReasons' | 'usage' | 'truncated'
  >;

/** Reads a call in the GenAI conventions of any version. Dialects that extend them pass the places of their content. */
export function readGenAiCall(view: SpanView, sources: ContentSources = GEN_AI_SOURCES): GenAiReading {
  const events = view.span.events ?? [];
  const complete = withDetails(view, events);
  const conversation = readConversation(complete, events, sources, view.span.droppedAttributesCount);
  const fields = readGenAiFields(complete, conversation.outputMessages);
  return {
    ...fields,
    usage: fields.usage ?? {},
    finishReasons: fields.finishReasons ?? [],
    systemInstructions: conversation.systemInstructions,
    inputMessages: conversation.inputMessages,
    outputMessages: conversation.outputMessages,
    truncated: conversation.truncated,
    inputTruncated: conversation.inputTruncated,
    metadata: toRecord(decode(complete.attributes[ATTR_TRUBRICS_METADATA]).value),
  };
}
