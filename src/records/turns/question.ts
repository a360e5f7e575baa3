import type { LlmCall, Message } from '../../reading/model/llm-call.js';
import { isQuestionLost, promptOf, textOf } from '../calls/text.js';

/** The user message that a call works on. */
export interface Question {
  readonly text: string;
  /** Which user message of the conversation it is: the same words said again are another question. */
  readonly count: number;
}

/** `undefined`: the call has no user message, as when the provider keeps the conversation and only a tool's result is sent. */
export function questionOf(call: LlmCall): Question | undefined {
  const asked = call.inputMessages.filter((message) => isAsked(message));
  // A question that was lost is not the one before it.
  if (isQuestionLost(call)) return { text: promptOf(call), count: asked.length + 1 };
  const last = asked.at(-1);
  return last && { text: textOf(last, '\n'), count: asked.length };
}

/** The call without the parts of its conversation that no record shows: agents repeat all of it at every step. */
export function withoutHistory(call: LlmCall): LlmCall {
  const messages = call.inputMessages;
  const asked = messages.findLast((message) => isAsked(message));
  const last = messages.at(-1);
  return {
    ...call,
    inputMessages: messages.filter(
      (message) => message === asked || message === last || message.role === 'system',
    ),
  };
}

function isAsked(message: Message): boolean {
  return message.role === 'user' && textOf(message, '\n') !== '';
}
