import { readAgentSpan } from '../dialects/read-llm-call.js';
import type { RecognisedSpan } from '../dialects/recognise.js';
import type { LlmCall, Message, OutputMessage } from '../model/llm-call.js';
import { omitUndefined } from '../fields/omit-undefined.js';
import type { SpanLike } from '../model/span-like.js';
import { hasOutput } from './merge-calls.js';
import { askedBy, readTurnInput } from './turn-input.js';
import { readTurnOutput } from './turn-output.js';

/**
 * Reads an agent span that was asked and answered, or that failed, as one call. Some agents make their LLM calls on a server or in another
 * process, or their library traces nothing but the agent.
 *
 * The caller must have made sure that no LLM call was recorded below the span. `undefined`: question or answer is missing.
 */
export function readAgentCall(
  span: SpanLike,
  recognised: RecognisedSpan,
  ancestors: readonly SpanLike[],
): LlmCall | undefined {
  const written = readAgentSpan(span, recognised, ancestors);
  if (!written) return undefined;
  const call = withQuestion(withAnswer(written, span), span);
  const isAsked = call.inputMessages.some(({ role, parts }) => role !== 'system' && parts.length > 0);
  return isAsked && (hasOutput(call) || call.error) ? call : undefined;
}

/** Facts about the model that the calls below an agent agree about. */
export type CallModel = Pick<LlmCall, 'provider' | 'requestModel' | 'responseModel'>;

/** Returns what a call says of its model and, with calls before it, `known` says as well. The order of the calls does not matter. */
export function commonModel(known: CallModel | undefined, call: CallModel): CallModel {
  const { provider, requestModel, responseModel } = call;
  const { provider: knownProvider, requestModel: requested, responseModel: answering } = known ?? call;
  return omitUndefined({
    provider: provider === knownProvider ? provider : undefined,
    requestModel: requestModel === requested ? requestModel : undefined,
    responseModel: responseModel === answering ? responseModel : undefined,
  });
}

/** Adds the model of the calls below an agent, which were recorded without content, to that of the agent, which often names none. */
export function withModel<C extends LlmCall>(call: C, model: CallModel | undefined): C {
  return call.requestModel === undefined && call.responseModel === undefined ? { ...model, ...call } : call;
}

/** Takes the question out of an input with named members, which a dialect reads as one text. */
function withQuestion(call: LlmCall, span: SpanLike): LlmCall {
  const written = call.inputMessages.findLast(({ role }) => role === 'user');
  if (written && !isUnread(written) && written.parts.length === 1) return call;
  const question = readTurnInput(span);
  if (question === undefined) return call;
  if (written && !isUnread(written) && !isOneOf(question, written)) return call;
  return { ...call, inputMessages: askedBy(question, call.inputMessages), inputTruncated: false };
}

function withAnswer(call: LlmCall, span: SpanLike): LlmCall {
  const [written] = call.outputMessages;
  if (written && !isUnread(written)) return call;
  const answer = readTurnOutput(span);
  if (answer === undefined) return call;
  const message: OutputMessage = { role: 'assistant', parts: [{ type: 'text', text: answer }] };
  return { ...call, outputMessages: [message] };
}

/** Returns whether a text is one of the parts of a message. Dialects read a list of arguments as one message. */
function isOneOf(text: string, { parts }: Message): boolean {
  return parts.some((part) => part.type === 'text' && part.text === text);
}

/** Returns whether a message is empty, or one text that looks like JSON of an unknown shape. */
function isUnread({ parts }: Message): boolean {
  const [first] = parts;
  if (!first) return true;
  return parts.length === 1 && first.type === 'text' && /^\s*[[{]/.test(first.text);
}
