import { quoteJson } from '../../common/quote-json.js';
import { textParts } from './content-parts.js';
import { toJson } from './bounded-json.js';
import type { OutputMessage } from './genai-message.js';
import { saysOnlyContent, toInputMessage } from './convert-message.js';
import { asArray, isRecord } from '../../common/unknown-values.js';
import { mayHaveBinary, withoutBinary } from './scrub-text.js';

/** The messages of a request as JSON, apart from the system messages that it begins with. */
export interface Conversation {
  /** The parts of those system messages. */
  readonly systemInstructions: string | undefined;
  readonly messages: string;
}

const UNREADABLE = toJson({ role: 'user', parts: [{ type: 'generic', generic_type: 'unreadable' }] });

/** Plain text of more than this takes the long way, where it is cut. */
const MAX_PLAIN_LENGTH = 1_000_000;

/**
 * LangChain messages in the words of the GenAI conventions.
 *
 * The texts are strung together, not copied: V8 does that once, when somebody reads the result.
 */
export function conversationJson(messages: unknown): Conversation {
  let system = '';
  let rest = '';
  for (const message of asArray(messages)) {
    try {
      const role = plainRole(message);
      // By far the most messages are plain text, and long conversations are sent again with every turn.
      if (role !== undefined) {
        const part = `{"type":"text","content":${quoteJson((message as { content: string }).content)}}`;
        if (role === 'system' && rest === '') system = append(system, part);
        else rest = append(rest, `{"role":"${role}","parts":[${part}]}`);
        continue;
      }
      const converted = toInputMessage(message);
      if (!converted) continue;
      if (converted.role === 'system' && rest === '')
        for (const part of converted.parts) system = append(system, withoutBinary(toJson(part)));
      else rest = append(rest, withoutBinary(toJson(converted)));
    } catch {
      // A getter of somebody else's: the other messages are still there to be read.
      rest = append(rest, UNREADABLE);
    }
  }
  return { systemInstructions: system === '' ? undefined : `[${system}]`, messages: `[${rest}]` };
}

function append(list: string, item: string): string {
  return list === '' ? item : `${list},${item}`;
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
  const reason = finish_reason === undefined ? '' : `,"finish_reason":${quoteJson(finish_reason)}`;
  return `{"role":"${role}","parts":[{"type":"text","content":${quoteJson(part.content)}}]${reason}}`;
}

/** The role of a message that is nothing but text. */
function plainRole(value: unknown): string | undefined {
  if (!isRecord(value)) return undefined;
  const { content, getType, name } = value;
  if (typeof content !== 'string' || content === '' || content.length > MAX_PLAIN_LENGTH) return undefined;
  if (mayHaveBinary(content)) return undefined;
  if (typeof getType !== 'function' || (name !== undefined && name !== '')) return undefined;
  switch (getType.call(value) as unknown) {
    case 'human':
      return 'user';
    case 'system':
      return 'system';
    case 'ai':
      return saysOnlyContent(value) ? 'assistant' : undefined;
    default:
      return undefined;
  }
}
