import { toRecord } from '../model/attributes.js';
import type { Message, MessagePart } from '../model/llm-call.js';
import { decode } from '../decoding/decode.js';
import { isMessage, toMessages } from './messages/messages.js';
import { plainText } from './messages/plain-text.js';

type Shape = Readonly<Record<string, unknown>>;

/** The messages of a request, and its whole body for model and settings. */
export interface ReadRequest {
  readonly systemInstructions: readonly MessagePart[];
  readonly messages: readonly Message[];
  readonly body: Shape;
  readonly cut: boolean;
}

/** Members of a request body that hold the conversation. `items` is LiveKit's. */
const CONVERSATIONS = ['messages', 'contents', 'input', 'prompt', 'prompts', 'inputs', 'items'] as const;

/**
 * Reads the request of any API: the body of a request to OpenAI, Anthropic or Gemini, the same inside LangSmith's arguments, a list of
 * messages, or plain text.
 */
export function readRequest(value: unknown): ReadRequest {
  const { value: written, cut } = decode(value);
  const decoded = toArgument(written);
  const body = toRecord(decoded);
  if (!body) return { systemInstructions: [], messages: toMessages(decoded, 'user'), body: {}, cut };
  const messages = toConversation(body);
  return {
    systemInstructions: toMessages(systemOf(body), 'system').flatMap((message) => message.parts),
    messages: messages ?? (cut || isSettings(body) ? [] : plainText(value, 'user')),
    body,
    cut,
  };
}

/** Returns the request. LangSmith writes it as an argument of the traced function: `{args: [request, options]}`. */
function toArgument(value: unknown): unknown {
  const args = toRecord(value)?.args;
  return Array.isArray(args) ? args[0] : value;
}

/** Returns the messages of a body, or `undefined` if its form is unknown. */
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

/** Returns whether a body has only model and settings. Logfire writes the conversation elsewhere. */
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
