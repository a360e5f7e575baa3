import type { Message } from '../../model/llm-call.js';
import { toToolMessage } from './messages.js';

/**
 * Texts that a framework sends to the model in the role of the user:
 *
 * - Google's ADK: what other agents did, `For context:` and then `[guide] said: …` (google/adk-python, flows/llm_flows/contents.py)
 * - Pydantic AI: a request to correct the answer (pydantic_ai/messages.py, `RetryPromptPart.model_response`)
 * - Instructor: the same (instructor/processing/reask, in JSON mode)
 * - Claude Code and the Claude Agent SDK: reminders of the system
 */
const FRAMEWORK_TEXTS: readonly RegExp[] = [
  /^\s*For context:\s*(?:$|\[[^\]\n]+\] (?:said|called tool|`)|\[[^\]\n]+\] [^\n]*tool)/,
  /\n\nFix the errors and try again\.\s*$/,
  /^Correct your JSON ONLY RESPONSE, based on the following errors:\n/,
  /^Validation Errors? found:\n[\s\S]*\nRecall the function correctly, fix the errors/,
  /^\s*<system-reminder>[\s\S]*<\/system-reminder>\s*$/,
];

/** Shortest text and ends that any of the patterns can match. They spare all other messages the patterns. */
const MAY_MATCH = /^\s*(?:For context:|Correct your|Validation|<system-reminder>)/;
const END = 'try again.';

/** Returns messages in which those of the framework have the role `tool`, so that none of them becomes the question. */
export function withoutFrameworkMessages(messages: readonly Message[]): readonly Message[] {
  return messages.some((message) => isOfFramework(message)) ? messages.map(asToolResult) : messages;
}

function asToolResult(message: Message): Message {
  return isOfFramework(message) ? toToolMessage(message) : message;
}

/** Returns whether the first text of a user message is a framework's, and for the others of the message there is no other sign. */
function isOfFramework({ role, parts }: Message): boolean {
  if (role !== 'user') return false;
  const first = parts[0];
  if (first?.type !== 'text' || !isFrameworkText(first.text)) return false;
  // Reports of agents follow `For context:`. The user's own text can stand beside other texts of a framework.
  const isContext = first.text.trimStart().startsWith('For context:');
  return isContext || parts.every((part) => part.type === 'text' && isFrameworkText(part.text));
}

function isFrameworkText(text: string): boolean {
  if (!MAY_MATCH.test(text) && !text.trimEnd().endsWith(END)) return false;
  return FRAMEWORK_TEXTS.some((pattern) => pattern.test(text));
}
