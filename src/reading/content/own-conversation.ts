import type { SpanView } from '../model/dialect.js';
import { GEN_AI_SOURCES, readConversation, type Conversation } from './conversation.js';
import { withDetails } from './events/details-events.js';
import type { ReadRequest } from './request.js';
import type { ReadResponse } from './response.js';

/** Returns the messages of a request and of its response. */
export function conversationOf(request: ReadRequest, response: ReadResponse): Conversation {
  return {
    systemInstructions: request.systemInstructions,
    inputMessages: request.messages,
    outputMessages: response.messages,
    truncated: request.cut || response.cut,
    inputTruncated: request.cut,
  };
}

/**
 * Combines what a vendor wrote under its own names with the messages of the GenAI conventions, which are read for what the vendor left
 * out. A span of another instrumentation may have only its kind under the vendor's names.
 */
export function readOwnConversation(
  view: SpanView,
  request: ReadRequest,
  response: ReadResponse,
): Conversation {
  const own = conversationOf(request, response);
  const hasRequest = own.inputMessages.length > 0;
  const hasResponse = own.outputMessages.length > 0;
  if (hasRequest && hasResponse) return own;
  const { events = [], droppedAttributesCount } = view.span;
  const general = readConversation(withDetails(view, events), events, GEN_AI_SOURCES, droppedAttributesCount);
  const input = hasRequest || general.inputMessages.length === 0 ? own : general;
  return {
    systemInstructions: (input.systemInstructions.length > 0 ? input : general).systemInstructions,
    inputMessages: input.inputMessages,
    outputMessages: (hasResponse ? own : general).outputMessages,
    truncated: own.truncated || general.truncated,
    inputTruncated: input.inputTruncated,
  };
}
