import { ANY_SOURCES } from './content/conversation.js';
import { unfoldConversation } from './content/embedded.js';
import type { SpanView } from './dialects/dialect.js';
import { readGenAiCall, type GenAiReading } from './gen-ai-call.js';
import type { Message } from './llm-call.js';
import { scopeNameOf } from './scope-name.js';
import { GEN_AI_USAGE_KEYS, usageReader } from './usage.js';

/** Anthropic's own counts, as its instrumentation passes them on. */
const readNetUsage = usageReader(GEN_AI_USAGE_KEYS, true);

/** A call written by an OpenLLMetry instrumentation, which Laminar bundles too. */
export function readOpenLlmetryCall(view: SpanView): GenAiReading {
  const reading = readGenAiCall(view, ANY_SOURCES);
  const input = unfoldInput(reading.inputMessages);
  const exclusive = scopeNameOf(view.span) === '@traceloop/instrumentation-anthropic';
  return {
    ...reading,
    inputMessages: input.messages,
    usage: exclusive ? readNetUsage(view) : reading.usage,
    truncated: reading.truncated || input.cut,
  };
}

/** The whole input of the Responses API stands as one JSON text in one user message. */
function unfoldInput(messages: readonly Message[]): {
  readonly messages: readonly Message[];
  readonly cut: boolean;
} {
  let cut = false;
  const unfolded = messages.flatMap((message) => {
    const [part, ...others] = message.parts;
    if (message.role !== 'user' || part?.type !== 'text' || others.length > 0) return [message];
    const conversation = unfoldConversation(part.text);
    if (!conversation) return [message];
    cut ||= conversation.cut;
    return conversation.value;
  });
  return { messages: unfolded, cut };
}
