import { ANY_SOURCES } from '../content/conversation.js';
import { unfoldConversation } from '../content/messages/embedded.js';
import { toToolMessage } from '../content/messages/messages.js';
import type { SpanView } from '../model/dialect.js';
import { readGenAiCall } from './gen-ai-call.js';
import type { GenAiReading } from '../fields/gen-ai-fields.js';
import type { Message } from '../model/llm-call.js';
import { scopeNameOf } from '../model/span-like.js';
import { readCounts, withInclusiveInput } from '../fields/usage.js';

/** Reads a call of an OpenLLMetry instrumentation. */
export function readOpenLlmetryCall(view: SpanView): GenAiReading {
  const reading = readGenAiCall(view, ANY_SOURCES);
  const scope = scopeNameOf(view.span);
  const input = unfoldInput(reading.inputMessages);
  reading.inputMessages = /llama_?index/i.test(scope) ? withToolResults(input.messages) : input.messages;
  // Passes on Anthropic's own counts, which exclude cached tokens.
  if (scope === '@traceloop/instrumentation-anthropic')
    reading.usage = withInclusiveInput(readCounts(view), true);
  reading.truncated ||= input.cut;
  return reading;
}

/**
 * Returns messages in which tool results have the role `tool`. The instrumentation of LlamaIndex writes a request for tools as an empty
 * assistant message and their results as the user messages behind it.
 */
function withToolResults(messages: readonly Message[]): readonly Message[] {
  let isResult = false;
  return messages.map((message) => {
    if (message.role !== 'user') isResult = message.role === 'assistant' && message.parts.length === 0;
    return message.role === 'user' && isResult ? toToolMessage(message) : message;
  });
}

/** Decodes a user message that is the whole input of the Responses API as JSON text. */
function unfoldInput(messages: readonly Message[]): {
  readonly messages: readonly Message[];
  readonly cut: boolean;
} {
  let cut = false;
  const unfolded: Message[] = [];
  for (const message of messages) {
    const conversation = conversationIn(message);
    if (conversation) {
      cut ||= conversation.cut;
      unfolded.push(...conversation.value);
    } else unfolded.push(message);
  }
  return { messages: unfolded, cut };
}

function conversationIn({ role, parts }: Message): ReturnType<typeof unfoldConversation> {
  const [part] = parts;
  const isText = role === 'user' && parts.length === 1 && part?.type === 'text';
  return isText ? unfoldConversation(part.text) : undefined;
}
