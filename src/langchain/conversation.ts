import { textParts } from './content-parts.js';
import { quote, toJson } from './json.js';
import type { OutputMessage } from './message-part.js';
import { toInputMessage } from './messages.js';
import { asArray, asRecord, isRecord, lookUp } from './read.js';
import { mayHaveBinary, withoutBinary } from './without-binary.js';

/** The messages of a request as JSON, apart from the system messages that it begins with. */
export interface Conversation {
  /** The parts of those system messages. */
  readonly systemInstructions: string | undefined;
  readonly messages: string;
}

const UNREADABLE = toJson({ role: 'user', parts: [{ type: 'generic', generic_type: 'unreadable' }] });

/** Plain text of more than this takes the long way, where it is cut. */
const MAX_PLAIN_LENGTH = 1_000_000;

const PLAIN_ROLES: Readonly<Record<string, string>> = { human: 'user', ai: 'assistant', system: 'system' };

/** LangChain messages in the words of the GenAI conventions. */
export function conversationJson(messages: unknown): Conversation {
  const system: string[] = [];
  const rest: string[] = [];
  for (const message of asArray(messages)) {
    try {
      addMessage(message, system, rest);
    } catch {
      // A getter of somebody else's: the other messages are still there to be read.
      rest.push(UNREADABLE);
    }
  }
  return {
    systemInstructions: system.length > 0 ? `[${system.join()}]` : undefined,
    messages: `[${rest.join()}]`,
  };
}

/** The prompt of a text completion, as the one message of a user. */
export function promptJson(prompt: unknown): string {
  return toJson([{ role: 'user', parts: textParts('text', prompt) }]);
}

/** The choices of an answer. */
export function choicesJson(choices: readonly OutputMessage[]): string {
  return `[${choices.map((choice) => plainChoice(choice) ?? withoutBinary(toJson(choice))).join()}]`;
}

/** As `JSON.stringify` would write it. */
function plainChoice({ role, name, parts, finish_reason }: OutputMessage): string | undefined {
  const [part] = parts;
  if (parts.length !== 1 || part?.type !== 'text' || name !== undefined || mayHaveBinary(part.content))
    return undefined;
  const reason = finish_reason === undefined ? '' : `,"finish_reason":${quote(finish_reason)}`;
  return `{"role":"${role}","parts":[{"type":"text","content":${quote(part.content)}}]${reason}}`;
}

function addMessage(message: unknown, system: string[], rest: string[]): void {
  const role = plainRole(message);
  if (role !== undefined) {
    // By far the most messages are plain text, and long conversations are sent again with every turn.
    const part = `{"type":"text","content":${quote((message as { content: string }).content)}}`;
    if (role === 'system' && rest.length === 0) system.push(part);
    else rest.push(`{"role":"${role}","parts":[${part}]}`);
    return;
  }
  const converted = toInputMessage(message);
  if (!converted) return;
  if (converted.role === 'system' && rest.length === 0)
    system.push(...converted.parts.map((part) => withoutBinary(toJson(part))));
  else rest.push(withoutBinary(toJson(converted)));
}

/** The role of a message that is nothing but text. */
function plainRole(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const { content, getType, name } = value;
  if (typeof content !== 'string' || content === '' || content.length > MAX_PLAIN_LENGTH) return undefined;
  if (mayHaveBinary(content)) return undefined;
  if (typeof getType !== 'function' || (name !== undefined && name !== '')) return undefined;
  const type: unknown = getType.call(value);
  if (typeof type !== 'string') return undefined;
  if (type === 'ai' && !isPlainAnswer(value)) return undefined;
  return lookUp(PLAIN_ROLES, type);
}

function isPlainAnswer(message: Readonly<Record<string, unknown>>): boolean {
  const { tool_calls, invalid_tool_calls, additional_kwargs, response_metadata } = message;
  if (asArray(tool_calls).length > 0 || asArray(invalid_tool_calls).length > 0) return false;
  for (const _ in asRecord(additional_kwargs)) return false;
  return asRecord(response_metadata)['output'] === undefined;
}
