import { decode } from '../decoding/decode.js';
import { toRecord } from '../model/attributes.js';
import type { OutputMessage } from '../model/llm-call.js';
import { toMessages, type ReadMessages } from './messages/messages.js';
import { readRoleLines } from './messages/plain-text.js';
import { readRequest } from './request.js';
import { readResponse } from './response.js';

/** Reads a prompt of conventions v1.26 and v1.27. OpenLIT writes it as lines with a role. */
export function readPrompt(value: unknown): ReadMessages {
  const messages = typeof value === 'string' ? readRoleLines(value) : undefined;
  return messages ? { messages, cut: false } : (readTextList(value) ?? readRequest(value));
}

/** Reads the texts of several messages without their roles, as Spring AI writes them. The last one is the question. */
export function readTextList(value: unknown): ReadMessages | undefined {
  if (typeof value !== 'string' || !/^\s*\[\s*"/.test(value)) return undefined;
  const { value: texts, cut } = decode(value);
  if (!isTexts(texts) || texts.length < 2) return undefined;
  return { messages: texts.map((text) => ({ role: 'user', parts: [{ type: 'text', text }] })), cut };
}

/** Reads an answer of conventions v1.26 and v1.27. Spring AI writes a list of texts, Mastra 0.x and others `{text, …}`. */
export function readCompletion(value: unknown): ReadMessages<OutputMessage> {
  const { value: decoded } = decode(value);
  if (isTexts(decoded)) return { messages: toMessages(decoded.map(toAnswer), 'assistant'), cut: false };
  if (isBedrockContent(decoded)) return readResponse({ role: 'assistant', content: decoded });
  const body = toRecord(decoded);
  return isTextBody(body)
    ? readResponse({ ...body, role: 'assistant', content: body.text })
    : readResponse(value);
}

function toAnswer(text: string): unknown {
  return { role: 'assistant', content: text };
}

/** Members of Bedrock's content blocks. Strands for Python 0.1 writes the blocks without their message. */
const BEDROCK_BLOCK = /^(?:text|toolUse|toolResult|reasoningContent|image|document|cachePoint|guardContent)$/;

function isBedrockContent(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every((block) => {
    const names = Object.keys(toRecord(block) ?? {});
    return names.length > 0 && names.every((name) => BEDROCK_BLOCK.test(name));
  });
}

/** Members that libraries write beside the text of an answer. Any other object is an answer that is JSON. */
const TEXT_BODY =
  /^(?:text|finish_?reason|usage|tool_?(?:calls|results)|reasoning(?:_?text)?|files|sources|warnings|object|model|id|index|logprobs|response|request|provider_?metadata)$/i;

function isTextBody(
  body: Readonly<Record<string, unknown>> | undefined,
): body is Readonly<Record<string, unknown>> {
  return typeof body?.text === 'string' && Object.keys(body).every((name) => TEXT_BODY.test(name));
}

/** Returns whether a value is a list of texts. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
}
