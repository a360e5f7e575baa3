import { withoutBinary } from '../../common/text/without-binary.js';
import type { LlmCall, Message, MessagePart } from '../../reading/model/llm-call.js';
import type { PropertyValue } from '../model/prompt-record.js';
import { cutText, wellFormed } from '../text/clean-text.js';
import { toJsonValue } from '../text/json-value.js';

/** Messages that are kept, the latest. */
const MAX_MESSAGES = 200;

/** A message of the property `messages`. */
type RecordedMessage = { readonly [field: string]: PropertyValue };

type Part<T extends MessagePart['type']> = Extract<MessagePart, { type: T }>;

/**
 * Returns the input messages of a call, in order: `{ role, content?, name?, tool_calls?, tool_results?, media? }`, with at most `maxLength`
 * characters in all. If earlier ones are left out, the first element is `{ omitted }`, their number. System messages are left out unless
 * `systemPrompt`. No content is binary. Empty if there is nothing but a question.
 */
export function messagesOf(
  { inputMessages }: LlmCall,
  systemPrompt: boolean,
  maxLength: number,
): readonly PropertyValue[] {
  const wanted = inputMessages.filter(({ role }) => systemPrompt || !isInstruction(role));
  if (wanted.length < 2 && !wanted.some(({ parts }) => parts.some(({ type }) => type !== 'text'))) return [];
  const kept: RecordedMessage[] = [];
  let room = maxLength;
  for (const message of wanted.toReversed()) {
    const recorded = toRecorded(message, maxLength);
    room -= JSON.stringify(recorded).length;
    if (kept.length > 0 && (room < 0 || kept.length === MAX_MESSAGES)) break;
    kept.push(recorded);
  }
  const omitted = wanted.length - kept.length;
  return [...(omitted > 0 ? [{ omitted }] : []), ...kept.toReversed()];
}

function isInstruction(role: string): boolean {
  return role === 'system' || role === 'developer';
}

function toRecorded({ role, name, parts }: Message, maxLength: number): RecordedMessage {
  const of = <T extends MessagePart['type']>(type: T): readonly Part<T>[] =>
    parts.filter((part): part is Part<T> => part.type === type);
  const content = of('text')
    .map(({ text }) => text)
    .join('\n');
  const [calls, results, media] = [of('tool_call'), of('tool_result'), of('media')];
  return {
    role: wellFormed(role),
    ...(name !== undefined && { name: wellFormed(name) }),
    ...(content !== '' && { content: clean(content, maxLength) }),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        ...idOf(call),
        name: wellFormed(call.name),
        arguments: textOf(call.arguments, maxLength),
      })),
    }),
    ...(results.length > 0 && {
      tool_results: results.map((result) => ({ ...idOf(result), content: textOf(result.result, maxLength) })),
    }),
    ...(media.length > 0 && { media: media.map(toMedia) }),
  };
}

function toMedia({ modality, mimeType, uri }: Part<'media'>): RecordedMessage {
  return {
    modality: wellFormed(modality),
    ...(mimeType !== undefined && { mime_type: wellFormed(mimeType) }),
    ...(uri !== undefined && !uri.startsWith('data:') && { uri: withoutBinary(wellFormed(uri)) }),
  };
}

function idOf({ id }: { readonly id?: string }): { readonly id?: string } {
  return id === undefined ? {} : { id: wellFormed(id) };
}

/** Returns a text as it is, anything else as JSON. */
function textOf(value: unknown, maxLength: number): string {
  if (typeof value === 'string') return clean(value, maxLength);
  const json = toJsonValue(value);
  return json === undefined ? '' : clean(JSON.stringify(json), maxLength);
}

/** Binary content goes before a text is cut: half of it is not recognised. */
function clean(text: string, maxLength: number): string {
  return cutText(withoutBinary(wellFormed(text)), maxLength);
}
