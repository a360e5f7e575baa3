import { escapeJson, quoteJson } from '../../common/quote-json.js';
import { textParts } from './content-parts.js';
import { toJson } from './bounded-json.js';
import type { OutputMessage } from './genai-message.js';
import { hasOnlyContent, toInputMessage } from './convert-message.js';
import { asArray, isRecord } from '../../common/unknown-values.js';
import { withoutBinary } from '../../common/text/without-binary.js';
import { mayContainBinary } from './scrub-text.js';

/** Messages of a request as JSON. The system messages at its start are separate. */
export interface Conversation {
  /** Parts of the system messages at the start. */
  readonly systemInstructions: string | undefined;
  readonly messages: string;
}

const UNREADABLE = '{"role":"user","parts":[{"type":"generic","generic_type":"unreadable"}]}';

/** JSON of a part, and of a message of each role, up to its text. Few long pieces take less time and memory than many short ones. */
const TEXT_PART = '{"type":"text","content":"';
const PLAIN_MESSAGES = {
  user: `{"role":"user","parts":[${TEXT_PART}`,
  assistant: `{"role":"assistant","parts":[${TEXT_PART}`,
  system: `{"role":"system","parts":[${TEXT_PART}`,
};

/** Longer messages are converted by {@link toInputMessage}, which cuts them. */
const MAX_PLAIN_LENGTH = 1_000_000;

/**
 * Converts LangChain messages to JSON of the GenAI conventions.
 *
 * It appends JSON text instead of building message objects, because long conversations are sent again in each turn and nearly all
 * their messages are plain text (test/bench/langchain.mjs).
 */
export function conversationJson(messages: unknown): Conversation {
  let system = '';
  let others = '';
  for (const message of asArray(messages)) {
    try {
      const role = plainRole(message);
      if (role !== undefined) {
        const text = escapeJson((message as { content: string }).content);
        if (role === 'system' && others === '') system = `${system}${system && ','}${TEXT_PART}${text}"}`;
        else others = `${others}${others && ','}${PLAIN_MESSAGES[role]}${text}"}]}`;
        continue;
      }
      const converted = toInputMessage(message);
      if (!converted) continue;
      if (converted.role === 'system' && others === '')
        for (const part of converted.parts) system = append(system, withoutBinary(toJson(part)));
      else others = append(others, withoutBinary(toJson(converted)));
    } catch {
      // A getter of the message threw. The other messages are recorded.
      others = append(others, UNREADABLE);
    }
  }
  return { systemInstructions: system === '' ? undefined : `[${system}]`, messages: `[${others}]` };
}

function append(list: string, item: string): string {
  return list === '' ? item : `${list},${item}`;
}

/** Converts the prompt of a text completion to one user message. */
export function promptJson(prompt: unknown): string {
  return toJson([{ role: 'user', parts: textParts('text', prompt) }]);
}

export function choicesJson(choices: readonly OutputMessage[]): string {
  let list = '';
  for (const choice of choices) list = append(list, plainChoice(choice) ?? withoutBinary(toJson(choice)));
  return `[${list}]`;
}

/** Returns the JSON of a choice that is only text, equal to that of `JSON.stringify`; else undefined. */
function plainChoice({ role, name, parts, finish_reason }: OutputMessage): string | undefined {
  const [part] = parts;
  if (parts.length !== 1 || part?.type !== 'text' || name !== undefined || mayContainBinary(part.content))
    return undefined;
  const reason = finish_reason === undefined ? '' : `,"finish_reason":${quoteJson(finish_reason)}`;
  return `{"role":"${role}","parts":[${TEXT_PART}${escapeJson(part.content)}"}]${reason}}`;
}

/** Returns the role of a message that is only text; else undefined. */
function plainRole(value: unknown): keyof typeof PLAIN_MESSAGES | undefined {
  if (!isRecord(value)) return undefined;
  const { content, getType, name } = value;
  if (typeof content !== 'string' || content === '' || content.length > MAX_PLAIN_LENGTH) return undefined;
  if (mayContainBinary(content)) return undefined;
  if (typeof getType !== 'function' || (name !== undefined && name !== '')) return undefined;
  switch (getType.call(value) as unknown) {
    case 'human':
      return 'user';
    case 'system':
      return 'system';
    case 'ai':
      return hasOnlyContent(value) ? 'assistant' : undefined;
    default:
      return undefined;
  }
}
