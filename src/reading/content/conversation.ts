import {
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_SYSTEM_INSTRUCTIONS,
} from '../../common/semconv.js';
import { toBoolean, type NamedAttributes, type SpanAttributes } from '../model/attributes.js';
import type { Message, MessagePart, OutputMessage } from '../model/llm-call.js';
import type { SpanEventLike } from '../model/span-like.js';
import { decode } from '../decoding/decode.js';
import { readFlattenedMessages } from './flattened-messages.js';
import { readChoiceEvents, readMessageEvents } from './message-events.js';
import {
  readInputMessages,
  readInstructions,
  readOutputMessages,
  toMessages,
  type ReadMessages,
} from './messages.js';
import { readNumberedMessages } from './numbered-messages.js';
import { readRequest } from './request.js';
import { readResponse } from './response.js';

/** Where content may stand on a span. */
export interface ContentHolder extends NamedAttributes {
  readonly events: readonly SpanEventLike[];
  /** How many attributes a limit on their number has left out. */
  readonly dropped: number;
}

/** One place where messages may stand. */
type Source<M extends Message = Message> = (holder: ContentHolder) => ReadMessages<M>;

/** The places where a dialect writes messages, in the order in which they are tried. */
export interface ContentSources {
  readonly input: readonly Source[];
  readonly output: readonly Source<OutputMessage>[];
}

/** What was said, as far as a span tells. */
export interface Conversation {
  readonly systemInstructions: readonly MessagePart[];
  readonly inputMessages: readonly Message[];
  readonly outputMessages: readonly OutputMessage[];
  readonly truncated: boolean;
  /** Whether messages are missing at the end of the input. */
  readonly inputTruncated: boolean;
}

/** Every form of the GenAI conventions, the newest first. */
export const GEN_AI_SOURCES: ContentSources = {
  input: [
    ({ attributes }) => readInputMessages(attributes[ATTR_GEN_AI_INPUT_MESSAGES]),
    ({ attributes }) => readNumberedMessages(attributes, 'gen_ai.prompt', 'user'),
    ({ attributes }) => readRequest(attributes['gen_ai.prompt']),
    ({ events }) => readMessageEvents(events),
    ({ events }) => readContentEvents(events, 'gen_ai.content.prompt', 'gen_ai.prompt', readRequest),
    ({ attributes }) => readInputMessages(attributes['gen_ai.request.messages']),
  ],
  output: [
    ({ attributes }) => readOutputMessages(attributes[ATTR_GEN_AI_OUTPUT_MESSAGES]),
    ({ attributes }) => readNumberedMessages(attributes, 'gen_ai.completion', 'assistant'),
    ({ attributes }) => readResponse(attributes['gen_ai.completion']),
    ({ events }) => readChoiceEvents(events),
    ({ events }) => readContentEvents(events, 'gen_ai.content.completion', 'gen_ai.completion', readResponse),
    ({ attributes }) => readTexts(attributes),
  ],
};

/** The same, and then what other conventions write: for spans that no dialect of theirs has claimed. */
export const ANY_SOURCES: ContentSources = {
  input: [
    ...GEN_AI_SOURCES.input,
    (holder) => flattened(holder, 'llm.input_messages', 'user'),
    ({ attributes }) => readRequest(attributes['input.value']),
    ({ attributes }) => readRequest(attributes['traceloop.entity.input']),
  ],
  output: [
    ...GEN_AI_SOURCES.output,
    (holder) => flattened(holder, 'llm.output_messages', 'assistant'),
    ({ attributes }) => readResponse(attributes['output.value']),
    ({ attributes }) => readResponse(attributes['traceloop.entity.output']),
  ],
};

/** What was said, from the first places that hold anything. */
export function readConversation(
  { attributes, names }: NamedAttributes,
  events: readonly SpanEventLike[] = [],
  sources: ContentSources = GEN_AI_SOURCES,
  dropped = 0,
): Conversation {
  const holder = { attributes, names, events, dropped };
  const instructions = readInstructions(attributes[ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]);
  const input = firstOf(holder, sources.input);
  const output = firstOf(holder, sources.output);
  return {
    systemInstructions: repeated(instructions.parts, input.messages) ? [] : instructions.parts,
    inputMessages: input.messages,
    outputMessages: output.messages,
    truncated: instructions.cut || input.cut || output.cut,
    // What was written after the input is proof that all of it found room.
    inputTruncated:
      input.endsEarly || (isSpread(input, holder) && !(output.spread === true && output.messages.length > 0)),
  };
}

interface Found<M extends Message> extends ReadMessages<M> {
  /** Whether messages are missing at the end. */
  readonly endsEarly: boolean;
}

/** The messages of the first place that has them whole, else of the first that has any. */
function firstOf<M extends Message>(holder: ContentHolder, sources: readonly Source<M>[]): Found<M> {
  let cut = false;
  let part: ReadMessages<M> | undefined;
  for (const source of sources) {
    const read = source(holder);
    cut ||= read.cut;
    if (read.messages.length === 0) continue;
    if (!endsEarly(read)) {
      // Named, not spread: V8 of Node 20 takes a microsecond to add members to a spread copy.
      return { messages: read.messages, spread: read.spread === true, cut, endsEarly: false };
    }
    part ??= read;
  }
  return { messages: part?.messages ?? [], cut, endsEarly: cut };
}

function endsEarly({ cut, apart }: ReadMessages): boolean {
  return cut && apart !== true;
}

function isSpread({ spread }: ReadMessages, { dropped }: ContentHolder): boolean {
  return spread === true && dropped > 0;
}

/** In flattened attributes. */
function flattened(view: NamedAttributes, prefix: string, role: string): ReadMessages<OutputMessage> {
  return { messages: readFlattenedMessages(view, prefix, role), cut: false, spread: true };
}

/** Conventions v1.26 and v1.27: the conversation in one event, the answer in another. */
function readContentEvents<M extends Message>(
  events: readonly SpanEventLike[],
  name: string,
  attribute: string,
  read: (value: unknown) => ReadMessages<M>,
): ReadMessages<M> {
  const found = events
    .filter((event) => event.name === name)
    .map((event) => read(event.attributes?.[attribute]));
  return { messages: found.flatMap(({ messages }) => messages), cut: found.some(({ cut }) => cut) };
}

/** Sentry: the texts of all choices as JSON, or one text as it is, and the tool calls beside them. */
function readTexts(attributes: SpanAttributes): ReadMessages<OutputMessage> {
  const written = decode(attributes['gen_ai.response.text']);
  const calls = decode(attributes['gen_ai.response.tool_calls']);
  // Streams have one text as it is: a list of texts is what the model wrote.
  const isStreamed = toBoolean(attributes['gen_ai.response.streaming']) === true;
  const list = !isStreamed && isTexts(written.value) ? written.value : undefined;
  const texts = list ?? [attributes['gen_ai.response.text']];
  const messages = texts.map((content, index) => ({
    role: 'assistant',
    content,
    tool_calls: index === 0 ? calls.value : undefined,
  }));
  return {
    messages: toMessages(messages, 'assistant').filter((message) => message.parts.length > 0),
    cut: written.cut || calls.cut,
  };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}

/** OpenLIT writes the system prompt twice: as instructions and as a message. */
function repeated(instructions: readonly MessagePart[], messages: readonly Message[]): boolean {
  const first = instructions[0];
  if (first?.type !== 'text') return false;
  return messages.some(
    ({ role, parts }) =>
      role === 'system' && parts.some((part) => part.type === 'text' && part.text === first.text),
  );
}
