import type { LlmCall, Message } from '../model/llm-call.js';

/** Whether anything of the conversation was recorded: text, reasoning or a tool call. A failed call needs no answer. */
export function hasContent(call: LlmCall): boolean {
  return hasParts(call.inputMessages) || hasParts(call.outputMessages);
}

/**
 * One call out of two spans of the same call, a framework's span and the provider SDK's below it: the outer one speaks, and
 * what it does not know is filled from the inner one. Counts are never added.
 */
export function mergeCalls(outer: LlmCall, inner: LlmCall): LlmCall {
  // An inner attempt may fail and be retried below an outer call that succeeds: errors are the outer call's alone.
  const { error: _ignored, ...known } = inner;
  const asked = hasParts(outer.inputMessages) ? outer : inner;
  return {
    ...known,
    ...outer,
    systemInstructions: firstFilled(outer.systemInstructions, inner.systemInstructions),
    inputMessages: asked.inputMessages,
    inputTruncated: asked.inputTruncated ?? false,
    outputMessages: hasParts(outer.outputMessages) ? outer.outputMessages : inner.outputMessages,
    parameters: { ...inner.parameters, ...outer.parameters },
    usage: { ...inner.usage, ...outer.usage },
    finishReasons: firstFilled(outer.finishReasons, inner.finishReasons),
    tags: [...new Set([...outer.tags, ...inner.tags])],
    metadata: { ...inner.metadata, ...outer.metadata },
  };
}

function hasParts(messages: readonly Message[]): boolean {
  return messages.some((message) => message.parts.length > 0);
}

function firstFilled<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  return first.length > 0 ? first : second;
}
