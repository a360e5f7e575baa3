import { toRecord } from '../model/attributes.js';
import { normaliseFinishReason } from '../fields/finish-reason.js';
import type { OutputMessage } from '../model/llm-call.js';
import { decode } from '../decoding/decode.js';
import { toGenerationChoices, unwrapLangChainMessage } from './messages/langchain.js';
import { isMessage, toMessages, toOutputMessages } from './messages/messages.js';
import { isPart } from './messages/parts.js';
import { plainText } from './messages/plain-text.js';

type Shape = Readonly<Record<string, unknown>>;

/** The messages of a response, and its whole body for model, id and usage. */
export interface ReadResponse {
  /** One per choice. */
  readonly messages: readonly OutputMessage[];
  readonly body: Shape;
  readonly cut: boolean;
}

/**
 * Reads the response of any API: the body of a response of OpenAI (chat, completions, responses), Anthropic, Gemini, Bedrock or
 * LangChain, one message, a list of messages or parts, or plain text. Structured output, an answer that is JSON, stays text.
 */
export function readResponse(value: unknown): ReadResponse {
  const { value: decoded, cut } = decode(value);
  const messages = toAnswers(decoded);
  if (messages) return { messages, body: toRecord(decoded) ?? {}, cut };
  return { messages: cut ? [] : plainText(value, 'assistant'), body: {}, cut };
}

/** Returns the messages of a response, or `undefined` if its form is unknown. */
function toAnswers(value: unknown): OutputMessage[] | undefined {
  if (Array.isArray(value)) return isAnswerList(value.flat(1)) ? toOutputMessages(value) : undefined;
  const body = toRecord(value);
  const answers = body && toAnswersOfBody(body);
  return body && answers?.map((answer) => withFinishReason(answer, body));
}

function toAnswersOfBody(body: Shape): OutputMessage[] | undefined {
  const choices = toChoices(body);
  if (choices) return toMessages(choices, 'assistant');
  if (Array.isArray(body.output)) {
    const isBody = body.object === 'response' || (body.output.length > 0 && body.output.every(isItem));
    return toAnswers(body.output) ?? (isBody ? [] : undefined);
  }
  if (body.object === 'response') return [];
  const output = toRecord(body.output);
  if (toRecord(output?.message)) return toMessages([output], 'assistant');
  const shape = unwrapLangChainMessage(body);
  // `content` is a message for Gemini and Google's ADK, a list of parts for Anthropic.
  const content = toRecord(shape.content);
  if (content && isMessage(content)) return toMessages([content], 'assistant');
  if (isMessage(shape)) return toMessages([shape], 'assistant');
  if (Array.isArray(shape.tool_calls) || Array.isArray(shape.toolCalls)) {
    return toMessages([{ role: 'assistant', content: shape.text, ...shape }], 'assistant');
  }
  if (Array.isArray(body.messages)) {
    // BeeAI. An answer that is JSON may hold a dialogue.
    const messages = isAnswerList(body.messages) ? toMessages(body.messages, 'assistant') : [];
    return messages.every(({ role }) => role === 'assistant') && messages.length > 0 ? messages : undefined;
  }
  // AutoGen.
  if (typeof body.content === 'string' && typeof body.finish_reason === 'string')
    return toMessages([{ role: 'assistant', ...body }], 'assistant');
  if (typeof body.message === 'string') return toMessages(body.message, 'assistant');
  return isPart(body) ? toOutputMessages([body]) : undefined;
}

/** Returns choices in the form of OpenAI chat. */
function toChoices(body: Shape): Shape[] | undefined {
  if (Array.isArray(body.choices)) return body.choices.map(toChoice);
  if (Array.isArray(body.candidates)) return body.candidates.map(toChoice);
  return toGenerationChoices(body.generations);
}

function toChoice(value: unknown): Shape {
  const choice = toRecord(value) ?? {};
  const message = toRecord(choice.message) ?? toRecord(choice.content);
  return { ...choice, message: message ?? { role: 'assistant', content: choice.text ?? choice.message } };
}

/** Returns whether a list is an answer. Providers add new types of items: one unknown type must not turn the others into text. */
function isAnswerList(items: readonly unknown[]): boolean {
  if (items.length === 0) return true;
  return items.every((item) => isAnswerItem(item) || isItem(item)) && items.some(isAnswerItem);
}

function isItem(item: unknown): boolean {
  const shape = toRecord(item);
  return typeof shape?.type === 'string' || typeof shape?.role === 'string';
}

function isAnswerItem(item: unknown): boolean {
  const shape = toRecord(item);
  return shape !== undefined && (isMessage(unwrapLangChainMessage(shape)) || isPart(shape));
}

function withFinishReason(answer: OutputMessage, body: Shape): OutputMessage {
  if (answer.finishReason !== undefined) return answer;
  const incomplete = toRecord(body.incomplete_details)?.reason;
  const finishReason = normaliseFinishReason(
    body.finish_reason ??
      body.finishReason ??
      body.stop_reason ??
      body.stopReason ??
      incomplete ??
      body.status,
  );
  return finishReason === undefined ? answer : { ...answer, finishReason };
}
