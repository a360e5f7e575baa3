import type { LlmCall } from '../../reading/model/llm-call.js';
import { isQuestionLost, isUserText, promptOf, textOf } from '../calls/call-text.js';

/** User message that a call works on. */
export interface Question {
  readonly text: string;
  /** Number of user messages up to this one. Tells apart two questions with the same words. */
  readonly count: number;
}

/**
 * Returns the last user message of a call. `undefined` if there is none: with a conversation kept by the provider, a call can send a
 * tool result alone.
 */
export function questionOf(call: LlmCall): Question | undefined {
  const userMessages = call.inputMessages.filter((message) => isUserText(message));
  // If truncation removed the question, the last user message that is left belongs to an earlier question.
  if (isQuestionLost(call)) return { text: promptOf(call), count: userMessages.length + 1 };
  const last = userMessages.at(-1);
  return last && { text: textOf(last, '\n'), count: userMessages.length };
}

/** Returns the call without messages that no record shows. Agents repeat the whole conversation at every step. */
export function withoutHistory(call: LlmCall): LlmCall {
  const messages = call.inputMessages;
  const question = messages.findLast((message) => isUserText(message));
  const last = messages.at(-1);
  return {
    ...call,
    inputMessages: messages.filter(
      (message) => message === question || message === last || message.role === 'system',
    ),
  };
}
