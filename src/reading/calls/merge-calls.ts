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
  const { error: _ignored, isFrame: _isFrame, parentSpanId: _ofOtherSpan, ...known } = secondary;
  const responseModel = moreExact(primary.responseModel, secondary.responseModel);
  const withInput = hasParts(primary.inputMessages) ? primary : secondary;
  return {
    ...known,
    ...primary,
    ...(responseModel !== undefined && { responseModel }),
    // Some libraries write the system prompt as a message of the input. It must not be there twice.
    systemInstructions: withInput.inputMessages.some(({ role }) => role === 'system')
      ? withInput.systemInstructions
      : firstFilled(primary.systemInstructions, secondary.systemInstructions),
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

/** Returns the name that says more about one model: `gpt-4.1-2025-04-14` rather than `gpt-4.1`. Of two models: the first. */
function moreExact(first: string | undefined, second: string | undefined): string | undefined {
  if (first === undefined) return second;
  return second?.startsWith(first) ? second : first;
}

function firstFilled<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  return first.length > 0 ? first : second;
}
