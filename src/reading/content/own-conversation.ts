import type { SpanView } from '../model/dialect.js';
import { GEN_AI_SOURCES, readConversation, type Conversation } from './conversation.js';
import { withDetails } from './events/details-events.js';
import type { ReadRequest } from './request.js';
import type { ReadResponse } from './response.js';

/**
 * Combines what a vendor wrote under its own names with the messages of the GenAI conventions, which are read for what the vendor left
 * out. A span of another instrumentation may have only its kind under the vendor's names.
 */
export function readOwnConversation(
  view: SpanView,
  request: ReadRequest,
  response: ReadResponse,
): Conversation {
  const hasRequest = request.messages.length > 0;
  const hasResponse = response.messages.length > 0;
  const { events = [], droppedAttributesCount } = view.span;
  const general =
    hasRequest && hasResponse
      ? undefined
      : readConversation(withDetails(view, events), events, GEN_AI_SOURCES, droppedAttributesCount);
  const isOwn = hasRequest || general === undefined || general.inputMessages.length === 0;
  const { systemInstructions } = request;
  return {
    systemInstructions:
      isOwn && systemInstructions.length > 0 ? systemInstructions : (general?.systemInstructions ?? []),
    inputMessages: isOwn ? request.messages : general.inputMessages,
    outputMessages: hasResponse ? response.messages : (general?.outputMessages ?? []),
    truncated: request.cut || response.cut || (general?.truncated ?? false),
    inputTruncated: isOwn ? request.cut : general.inputTruncated,
  };
}
