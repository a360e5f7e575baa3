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
import { asArray, asRecord, asText, cut, isRecord, type UnknownRecord } from '../../common/unknown-values.js';
import { setDefined } from '../runs/span-content.js';

const MAX_NAME_LENGTH = 500;

/** Parsed `LLMResult` of one run. */
export interface ModelResponse {
  /** One per choice. */
  readonly choices: readonly OutputMessage[];
  /** LangChain's messages, one per choice; `undefined` in text completions. */
  readonly messages: readonly unknown[];
  readonly llmOutput: unknown;
  /** True if LangChain concatenated the answer from chunks. */
  readonly streamed: boolean;
  readonly attributes: Attributes;
}

/** Parses the result of one run. Only the first list of generations is read, because each prompt is a run of its own. */
export function readResponse(output: unknown): ModelResponse {
  const { generations, llmOutput } = asRecord(output);
  const given = asArray(asArray(generations)[0]).filter(isRecord);
  const messages: unknown[] = [];
  const choices: OutputMessage[] = [];
  for (const generation of given) {
    const parts = readableParts(generation['message']);
    const message = parts && generation['message'];
    messages.push(message);
    choices.push(toChoice(parts ?? [], message, generation));
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
  { generationInfo, text }: UnknownRecord,
): OutputMessage {
  // Prefers the message: `text` is often empty if there are tool calls or content blocks.
  const parts = fromMessage.length > 0 ? fromMessage : textParts('text', text);
  const callsTools = parts.some((part) => part.type === 'tool_call');
  return { role: 'assistant', parts, finish_reason: finishReason(generationInfo, message, callsTools) };
}

/** Returns the parts of the message; undefined if there is none or its getters throw. The caller then uses `text`. */
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
  setDefined(attributes, ATTR_GEN_AI_RESPONSE_MODEL, responseModel(info, message, llmOutput));
  setDefined(attributes, ATTR_GEN_AI_RESPONSE_ID, responseId(message, llmOutput));
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
  return shortName(
    asText(info['model_name']) ??
      asText(metadata['model_name']) ??
      asText(info['model']) ??
      asText(metadata['model']) ??
      asText(llmOutput['model']) ??
      asText(llmOutput['model_name']) ??
      asText(asRecord(message['additional_kwargs'])['model']),
  );
}

function shortName(name: string | undefined): string | undefined {
  return name === undefined ? undefined : withoutRepetition(cut(name, MAX_NAME_LENGTH));
}

/** Undoes LangChain's concatenation of equal strings from a stream's chunks: "gpt-5gpt-5" → "gpt-5". */
export function withoutRepetition(text: string): string {
  for (let length = 3; length <= text.length / 2; length += 1) {
    if (text.length % length === 0 && text.slice(0, length).repeat(text.length / length) === text) {
      return text.slice(0, length);
    }
  }
  return text;
}

/** Returns the provider's id of the response, else that of the message. */
function responseId(message: UnknownRecord, llmOutput: UnknownRecord): string | undefined {
  const { id, responseId: camelCase } = asRecord(message['response_metadata']);
  const given = shortName(asText(id) ?? asText(camelCase) ?? asText(llmOutput['id']));
  if (given !== undefined) return given;
  const own = asText(message['id']);
  // LangChain generates `run-…` ids. They identify no response, and may belong to another run.
  return own === undefined || own.startsWith('run-') || own.startsWith('lc_run-') ? undefined : own;
}

/** Returns true for classes with `concat()`, which only chunks have. */
function isChunk(value: unknown): boolean {
  return typeof asRecord(value)['concat'] === 'function';
}
