import type { LlmCall, Message } from '../model/llm-call.js';

/** Returns whether any text, reasoning or tool call was recorded, in the input or in the output. */
export function hasContent(call: LlmCall): boolean {
  return hasInput(call) || hasOutput(call);
}

export function hasInput(call: LlmCall): boolean {
  return hasParts(call.inputMessages);
}

export function hasOutput(call: LlmCall): boolean {
  return hasParts(call.outputMessages);
}

/**
 * Merges two spans of the same call. Values of `primary` win; what it lacks is taken from `secondary`. Tags are united, counts are
 * never added.
 */
export function mergeCalls(primary: LlmCall, secondary: LlmCall): LlmCall {
  // The secondary call may be an attempt that failed before a retry: only the primary call knows whether the call failed.
  const { error: _ignored, parentSpanId: _ofOtherSpan, ...known } = secondary;
  const withInput = hasParts(primary.inputMessages) ? primary : secondary;
  return {
    ...known,
    ...primary,
    systemInstructions: firstFilled(primary.systemInstructions, secondary.systemInstructions),
    inputMessages: withInput.inputMessages,
    inputTruncated: withInput.inputTruncated ?? false,
    outputMessages: hasParts(primary.outputMessages) ? primary.outputMessages : secondary.outputMessages,
    parameters: { ...secondary.parameters, ...primary.parameters },
    usage: { ...secondary.usage, ...primary.usage },
    finishReasons: firstFilled(primary.finishReasons, secondary.finishReasons),
    tags: [...new Set([...primary.tags, ...secondary.tags])],
    metadata: { ...secondary.metadata, ...primary.metadata },
  };
}

function hasParts(messages: readonly Message[]): boolean {
  return messages.some((message) => message.parts.length > 0);
}

function firstFilled<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  return first.length > 0 ? first : second;
}
