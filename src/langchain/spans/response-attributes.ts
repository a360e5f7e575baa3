import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_GEN_AI_RESPONSE_FINISH_REASONS,
  ATTR_GEN_AI_RESPONSE_ID,
  ATTR_GEN_AI_RESPONSE_MODEL,
} from '../../common/semconv.js';
import { textParts } from '../messages/content-parts.js';
import { finishReason } from './finish-reason.js';
import type { MessagePart, OutputMessage } from '../messages/genai-message.js';
import { answerParts } from '../messages/convert-message.js';
import { asArray, asRecord, asText, cut, type UnknownRecord } from '../../common/unknown-values.js';
import { setKnown } from './span-content.js';

const MAX_NAME_LENGTH = 500;

/** What LangChain's `LLMResult` says about one call. */
export interface Answer {
  /** One per choice. */
  readonly choices: readonly OutputMessage[];
  /** LangChain's own messages, one per choice; `undefined` in text completions. */
  readonly messages: readonly unknown[];
  readonly llmOutput: unknown;
  /** Whether LangChain put the answer together from chunks. */
  readonly streamed: boolean;
  readonly attributes: Attributes;
}

/** Reads the result of one run: LangChain gives every prompt a run of its own. */
export function readAnswer(output: unknown): Answer {
  const { generations, llmOutput } = asRecord(output);
  const choices: OutputMessage[] = [];
  const messages: unknown[] = [];
  const given = asArray(asArray(generations)[0]).filter(
    (generation) => typeof generation === 'object' && generation !== null,
  );
  for (const generation of given) {
    const { message, generationInfo, text } = asRecord(generation);
    const parts = readableParts(message);
    messages.push(parts && message);
    choices.push(toChoice(parts ?? [], parts && message, generationInfo, text));
  }
  return {
    choices,
    messages,
    llmOutput,
    streamed: isChunk(given[0]) || isChunk(messages[0]),
    attributes: responseAttributes(asRecord(given[0]), asRecord(messages[0]), asRecord(llmOutput), choices),
  };
}

function toChoice(
  fromMessage: MessagePart[],
  message: unknown,
  generationInfo: unknown,
  text: unknown,
): OutputMessage {
  // The message comes first: beside tool calls and content blocks, `text` is often empty.
  const parts = fromMessage.length > 0 ? fromMessage : textParts('text', text);
  const callsTools = parts.some((part) => part.type === 'tool_call');
  const reason = finishReason(generationInfo, message, callsTools);
  return reason === undefined
    ? { role: 'assistant', parts }
    : { role: 'assistant', parts, finish_reason: reason };
}

/** Undefined: there is no message, or its getters fail, and only the text beside it can be read. */
function readableParts(message: unknown): MessagePart[] | undefined {
  if (message === undefined) return undefined;
  try {
    return answerParts(message);
  } catch {
    return undefined;
  }
}

function responseAttributes(
  generation: UnknownRecord,
  message: UnknownRecord,
  llmOutput: UnknownRecord,
  choices: readonly OutputMessage[],
): Attributes {
  const attributes: Attributes = {};
  const info = asRecord(generation['generationInfo']);
  setKnown(attributes, ATTR_GEN_AI_RESPONSE_MODEL, responseModel(info, message, llmOutput));
  setKnown(attributes, ATTR_GEN_AI_RESPONSE_ID, responseId(message, llmOutput));
  const reasons: string[] = [];
  for (const { finish_reason } of choices) if (finish_reason !== undefined) reasons.push(finish_reason);
  if (reasons.length > 0) attributes[ATTR_GEN_AI_RESPONSE_FINISH_REASONS] = reasons;
  return attributes;
}

function responseModel(
  info: UnknownRecord,
  message: UnknownRecord,
  llmOutput: UnknownRecord,
): string | undefined {
  const metadata = asRecord(message['response_metadata']);
  const name =
    asText(info['model_name']) ??
    asText(metadata['model_name']) ??
    asText(info['model']) ??
    asText(metadata['model']) ??
    asText(llmOutput['model']) ??
    asText(llmOutput['model_name']) ??
    asText(asRecord(message['additional_kwargs'])['model']);
  return name === undefined ? undefined : withoutRepetition(cut(name, MAX_NAME_LENGTH));
}

/** LangChain joins the strings of a stream's chunks: "gpt-5gpt-5" is one name, twice. */
export function withoutRepetition(text: string): string {
  for (let length = 3; length <= text.length / 2; length += 1) {
    if (text.length % length === 0 && text.slice(0, length).repeat(text.length / length) === text) {
      return text.slice(0, length);
    }
  }
  return text;
}

/** The provider's id of the response, which has precedence over that of its message. */
function responseId(message: UnknownRecord, llmOutput: UnknownRecord): string | undefined {
  const { id, responseId: camelCase } = asRecord(message['response_metadata']);
  const given = asText(id) ?? asText(camelCase) ?? asText(llmOutput['id']);
  if (given !== undefined) return withoutRepetition(cut(given, MAX_NAME_LENGTH));
  const own = asText(message['id']);
  // `run-…` is LangChain's own, and not even that of the right run.
  return own === undefined || own.startsWith('run-') || own.startsWith('lc_run-') ? undefined : own;
}

/** Only chunks can be added up. */
function isChunk(value: unknown): boolean {
  return typeof (value as { concat?: unknown } | undefined)?.concat === 'function';
}
