import {
  ATTR_GEN_AI_INPUT_MESSAGES,
  ATTR_GEN_AI_OUTPUT_MESSAGES,
  ATTR_GEN_AI_SYSTEM_INSTRUCTIONS,
} from '../../common/semconv.js';
import { toBoolean, type NamedAttributes, type SpanAttributes } from '../model/attributes.js';
import type { Message, MessagePart, OutputMessage } from '../model/llm-call.js';
import type { SpanEventLike } from '../model/span-like.js';
import { decode } from '../decoding/decode.js';
import { readFlattenedMessages, readUnprefixed } from './attributes/flattened-messages.js';
import { readJsonInput, readJsonOutput } from './events/json-events.js';
import { readChoiceEvents, readMessageEvents } from './events/message-events.js';
import {
  readInputMessages,
  readInstructions,
  readOutputMessages,
  toMessages,
  type ReadMessages,
} from './messages/messages.js';
import { readNumberedMessages } from './attributes/numbered-messages.js';
import { readRequest } from './request.js';
import { readResponse } from './response.js';
import { isTexts, readCompletion, readPrompt, readTextList } from './prompt-and-completion.js';

/** The parts of a span that may hold content. */
export interface ContentHolder extends NamedAttributes {
  readonly events: readonly SpanEventLike[];
  /** Attributes that the SDK dropped because of a limit on their number. */
  readonly dropped: number;
}

/** Reads messages from one place on a span. */
type Source<M extends Message = Message> = (holder: ContentHolder) => ReadMessages<M>;

/** The places of a dialect's messages, in the order in which they are tried. */
export interface ContentSources {
  readonly input: readonly Source[];
  readonly output: readonly Source<OutputMessage>[];
}

/** The messages of a call, as far as the span has them. */
export interface Conversation {
  readonly systemInstructions: readonly MessagePart[];
  readonly inputMessages: readonly Message[];
  readonly outputMessages: readonly OutputMessage[];
  readonly truncated: boolean;
  /** True if messages may be missing at the end of the input. */
  readonly inputTruncated: boolean;
}

/** All forms of the GenAI conventions, the newest first. */
export const GEN_AI_SOURCES: ContentSources = {
  input: [
    ({ attributes }) => readInput(attributes[ATTR_GEN_AI_INPUT_MESSAGES]),
    (holder) => readNumberedMessages(holder, 'gen_ai.prompt', 'user'),
    ({ attributes }) => readTextList(attributes['gen_ai.prompt']) ?? readRequest(attributes['gen_ai.prompt']),
    ({ events }) => readMessageEvents(events),
    ({ events }) => readContentEvents(events, 'gen_ai.content.prompt', 'gen_ai.prompt', readPrompt),
    ({ attributes }) => readPrompt(attributes['gen_ai.content.prompt']),
    ({ attributes }) => readInputMessages(attributes['gen_ai.request.messages']),
  ],
  output: [
    ({ attributes }) => readOutput(attributes[ATTR_GEN_AI_OUTPUT_MESSAGES]),
    (holder) => readNumberedMessages(holder, 'gen_ai.completion', 'assistant'),
    ({ attributes }) => readCompletion(attributes['gen_ai.completion']),
    ({ events }) => readChoiceEvents(events),
    ({ events }) =>
      readContentEvents(events, 'gen_ai.content.completion', 'gen_ai.completion', readCompletion),
    ({ attributes }) => readCompletion(attributes['gen_ai.content.completion']),
    ({ attributes }) => readTexts(attributes),
  ],
};

/** {@link GEN_AI_SOURCES} and the places of other conventions, for spans that no other dialect claims. */
export const ANY_SOURCES: ContentSources = {
  input: [
    ...GEN_AI_SOURCES.input,
    ...formsOf('llm.input_messages', 'user'),
    // Cloudflare's AI gateway.
    ({ attributes }) => readPrompt(attributes['gen_ai.prompt_json']),
    // Future AGI.
    ...formsOf(ATTR_GEN_AI_INPUT_MESSAGES, 'user'),
    // OpenLLMetry before it wrote `gen_ai.*`.
    (holder) => readNumberedMessages(holder, 'llm.prompts', 'user'),
    ({ attributes }) => readRequest(attributes['input.value']),
    ({ attributes }) => readRequest(attributes['traceloop.entity.input']),
    ({ attributes }) => readJsonInput(attributes),
  ],
  output: [
    ...GEN_AI_SOURCES.output,
    ...formsOf('llm.output_messages', 'assistant'),
    ({ attributes }) => readCompletion(attributes['gen_ai.completion_json']),
    ...formsOf(ATTR_GEN_AI_OUTPUT_MESSAGES, 'assistant'),
    (holder) => readNumberedMessages(holder, 'llm.completions', 'assistant'),
    ({ attributes }) => readResponse(attributes['output.value']),
    ({ attributes }) => readResponse(attributes['traceloop.entity.output']),
    ({ attributes }) => readJsonOutput(attributes),
  ],
};

/** Reads input and output messages, each from the first of its sources that has them. */
export function readConversation(
  { attributes, names }: NamedAttributes,
  events: readonly SpanEventLike[] = [],
  sources: ContentSources = GEN_AI_SOURCES,
  dropped = 0,
): Conversation {
  const holder = { attributes, names, events, dropped };
  const instructions = readInstructions(attributes[ATTR_GEN_AI_SYSTEM_INSTRUCTIONS]);
  const input = readFirst(holder, sources.input);
  const system = instructions.parts.length > 0 ? instructions.parts : (input.systemInstructions ?? []);
  const output = readFirst(holder, sources.output);
  return {
    systemInstructions: isRepeated(system, input.messages) ? [] : system,
    inputMessages: input.messages,
    outputMessages: output.messages,
    truncated: instructions.cut || input.cut || output.cut,
    // Output attributes are written after those of the input: if they are there, no input attribute was dropped.
    inputTruncated:
      input.endsEarly ||
      (mayLackLast(input, holder) && !(output.isFlattened === true && output.messages.length > 0)),
  };
}

interface Found<M extends Message> extends ReadMessages<M> {
  /** True if messages are missing at the end. */
  readonly endsEarly: boolean;
}

/** Returns the messages of the first source that has all of them, otherwise of the first source that has any. */
function readFirst<M extends Message>(holder: ContentHolder, sources: readonly Source<M>[]): Found<M> {
  let cut = false;
  let incomplete: ReadMessages<M> | undefined;
  for (const source of sources) {
    const read = source(holder);
    cut ||= read.cut;
    if (read.messages.length === 0) continue;
    if (!endsEarly(read)) {
      // No spread: Node 20 takes about a microsecond to add members to a spread copy (test/bench/reading.mjs).
      const { messages, systemInstructions = [] } = read;
      return { messages, systemInstructions, isFlattened: read.isFlattened === true, cut, endsEarly: false };
    }
    incomplete ??= read;
  }
  return {
    messages: incomplete?.messages ?? [],
    systemInstructions: incomplete?.systemInstructions ?? [],
    cut,
    endsEarly: cut,
  };
}

function endsEarly({ cut, isCutLocal }: ReadMessages): boolean {
  return cut && isCutLocal !== true;
}

/** Returns whether the SDK may have dropped the attributes of the last messages. */
function mayLackLast({ isFlattened }: ReadMessages, { dropped }: ContentHolder): boolean {
  return isFlattened === true && dropped > 0;
}

/** Beginning of the body of a request or a response, which some libraries write in place of its messages. */
const REQUEST_BODY = /^\s*\{\s*"(?:contents|messages|model|input)":/;
const RESPONSE_BODY = /^\s*\{\s*"(?:candidates|choices|generations|id|messages|model)":/;

/** Reads the input messages of the conventions. */
function readInput(value: unknown): ReadMessages {
  return typeof value === 'string' && REQUEST_BODY.test(value)
    ? readRequest(value)
    : readInputMessages(value);
}

/** Reads the output messages of the conventions. */
function readOutput(value: unknown): ReadMessages<OutputMessage> {
  return typeof value === 'string' && RESPONSE_BODY.test(value)
    ? readResponse(value)
    : readOutputMessages(value);
}

/** Returns the forms of messages under one name: flattened with `message` in the names, and the others. */
function formsOf(prefix: string, role: string): readonly Source<OutputMessage>[] {
  return [
    (holder) => ({ messages: readFlattenedMessages(holder, prefix, role), cut: false, isFlattened: true }),
    ...otherFormsOf(prefix, role),
  ];
}

/** Returns the forms without `message` in the names: numbered, and the whole list in one attribute. */
export function otherFormsOf(prefix: string, role: string): readonly Source<OutputMessage>[] {
  return [
    (holder) => readNumberedMessages(holder, prefix, role),
    ({ attributes }) => readUnprefixed(attributes[prefix], role),
  ];
}

/** Reads the events of conventions v1.26 and v1.27: one event for the input, another for the output. */
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

/** Reads Sentry's output: the texts of all choices as JSON or one plain text, and tool calls in an attribute of their own. */
function readTexts(attributes: SpanAttributes): ReadMessages<OutputMessage> {
  const written = decode(attributes['gen_ai.response.text']);
  const calls = decode(attributes['gen_ai.response.tool_calls']);
  // On a stream the attribute is the plain text: a JSON list there is the model's own answer.
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

/** Returns whether the instructions are also a system message, as OpenLIT writes them. */
function isRepeated(instructions: readonly MessagePart[], messages: readonly Message[]): boolean {
  const first = instructions[0];
  if (first?.type !== 'text') return false;
  return messages.some(
    ({ role, parts }) =>
      role === 'system' && parts.some((part) => part.type === 'text' && part.text === first.text),
  );
}
