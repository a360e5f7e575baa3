import { toRecord } from '../model/attributes.js';
import type { Message, MessagePart } from '../model/llm-call.js';
import { decode } from '../decoding/decode.js';
import { isMessage, toMessages } from './messages.js';
import { plainText } from './plain-text.js';

type Shape = Readonly<Record<string, unknown>>;

/** The conversation in the body of a request, and the rest of that body: model and settings. */
export interface ReadRequest {
  readonly systemInstructions: readonly MessagePart[];
  readonly messages: readonly Message[];
  readonly body: Shape;
  readonly cut: boolean;
}

/** Where bodies of requests hold the conversation. `items` is LiveKit's. */
const CONVERSATIONS = ['messages', 'contents', 'input', 'prompt', 'prompts', 'inputs', 'items'] as const;

/**
 * Reads what was sent to a model, whoever's API it is: the body of a request of OpenAI, Anthropic or Gemini, the arguments that
 * LangSmith wraps around it, a list of messages, or plain text.
 */
export function readRequest(value: unknown): ReadRequest {
  const { value: decoded, cut } = decode(value);
  const body = toBody(decoded);
  if (!body) return { systemInstructions: [], messages: toMessages(decoded, 'user'), body: {}, cut };
  const messages = toConversation(body);
  return {
    systemInstructions: toMessages(systemOf(body), 'system').flatMap((message) => message.parts),
    messages: messages ?? (cut || isSettings(body) ? [] : plainText(value, 'user')),
    body,
    cut,
  };
}

/** LangSmith writes the arguments of the wrapped function: `{args: [request, options]}`. */
function toBody(value: unknown): Shape | undefined {
  const body = toRecord(value);
  return Array.isArray(body?.args) ? toRecord(body.args[0]) : body;
}

/** `undefined` when the body is in no known form. */
function toConversation(body: Shape): Message[] | undefined {
  if (isMessage(body)) return toMessages(body, 'user');
  for (const name of CONVERSATIONS) {
    const conversation = body[name];
    if (conversation === undefined || conversation === null) continue;
    const inner = toRecord(conversation);
    return (inner && toConversation(inner)) ?? toMessages(conversation, 'user');
  }
  return systemOf(body) === undefined ? undefined : [];
}

/** A request without its conversation: Logfire writes that elsewhere. */
function isSettings(body: Shape): boolean {
  return typeof body.model === 'string' && Object.keys(body).every((name) => SETTING.test(name));
}

const SETTING =
  /^(?:model|stream|stream_options|temperature|top_[pk]|max_(?:\w+_)?tokens|n|seed|stop|stop_sequences|tools|tool_choice|parallel_tool_calls|response_format|metadata|user|store|previous_response_id|conversation|reasoning|include|truncation|service_tier)$/;

function systemOf(body: Shape): unknown {
  const config = toRecord(body.config);
  return (
    body.system ??
    body.instructions ??
    body.systemInstruction ??
    body.system_instruction ??
    config?.systemInstruction ??
    config?.system_instruction
  );
}
