import { toRecord } from '../../model/attributes.js';
import type { MessagePart } from '../../model/llm-call.js';
import { decodeArguments } from '../../decoding/decode.js';

type Shape = Readonly<Record<string, unknown>>;

/**
 * Converts the content of one message to parts: a text, a list of parts or one part. Knows the parts of the GenAI conventions, OpenAI
 * chat and responses, Anthropic, the AI SDK, Gemini, Genkit, Bedrock and LangChain.
 */
export function toParts(content: unknown): MessagePart[] {
  const parts: MessagePart[] = [];
  addParts(content, parts);
  return parts;
}

/** Appends to a list instead of `flatMap`, which costs more than the single part of most messages (test/bench/reading.mjs). */
function addParts(content: unknown, parts: MessagePart[]): void {
  if (Array.isArray(content)) {
    for (const item of content) addParts(item, parts);
  } else if (typeof content === 'string') {
    if (isContent(content)) parts.push({ type: 'text', text: content });
  } else if (typeof content === 'number' || typeof content === 'boolean') {
    parts.push({ type: 'text', text: String(content) });
  } else {
    const shape = toRecord(content);
    // OpenInference nests the part.
    const part = shape && toPart(toRecord(shape.message_content) ?? shape);
    if (part) parts.push(part);
  }
}

/** Part types of the providers' own tools. Listed, because JSON of the user may have a type with the same ending. */
const PROVIDERS_OWN =
  /^(?:(?:custom_tool|mcp|web_search|file_search|computer|code_interpreter|image_generation|local_shell|shell|apply_patch)_call(?:_output)?|(?:server|mcp)_tool_use|(?:web_search|web_fetch|mcp|(?:\w+_)?code_execution)_tool_result|item_reference)$/;

/** Part types of content that is no text: `image`, `input_file`, `video_url` (vLLM), `image-url` and `binary` (Pydantic AI). */
const MEDIA = /^(?:input_)?(image|audio|video|file|document|media|blob|uri|binary)(?:[_-]url)?$/;

/** Returns whether this is the `type` of a known part. */
export function isPartType(type: unknown): boolean {
  return typeof type === 'string' && (TYPED_PARTS.has(type) || MEDIA.test(type) || PROVIDERS_OWN.test(type));
}

/** Members of texts and media. */
const MEMBER =
  /text|content|data|ur[il]|mime|media|source|file|image|audio|video|blob|bytes|base64|transcript|modality/i;

/**
 * Returns whether an object is a part: it has the type of one and, if that is a text or media, a member of one. An answer in a schema of the
 * user's own may be `{"type": "document", "title": …}`.
 */
export function isPart(shape: Shape | undefined): boolean {
  const type = shape?.type;
  if (!shape || typeof type !== 'string' || !isPartType(type)) return false;
  return !(type === 'text' || MEDIA.test(type)) || Object.keys(shape).some((name) => MEMBER.test(name));
}

/** Returns whether a text is content. OpenInference writes `__REDACTED__` for hidden content, Logfire `<elided>`. */
function isContent(text: string): boolean {
  return text !== '' && text !== '__REDACTED__' && text !== '<elided>';
}

function toPart(shape: Shape): MessagePart | undefined {
  const type = typeof shape.type === 'string' ? shape.type : undefined;
  return (
    (type !== undefined ? (TYPED_PARTS.get(type) ?? readerByForm(type))?.(shape) : undefined) ??
    toUntypedPart(shape) ??
    toUntypedText(shape)
  );
}

/** Returns the reader of a part by the form of its type: media, or a provider's own tool such as `mcp_call`. */
function readerByForm(type: string): ((shape: Shape) => MessagePart | undefined) | undefined {
  const media = MEDIA.exec(type)?.[1];
  if (media !== undefined)
    return (shape) => toMedia(shape, /^(?:blob|uri|binary)$/.test(media) ? 'media' : media);
  if (type.endsWith('_call') || type.endsWith('_tool_use')) return toToolCall;
  return type.endsWith('_call_output') || type.endsWith('_tool_result') ? toToolResult : undefined;
}

/** Readers of parts by `type`. */
const TYPED_PARTS: ReadonlyMap<string, (shape: Shape) => MessagePart | undefined> = new Map(
  Object.entries<(shape: Shape) => MessagePart | undefined>({
    text: toTextPart,
    input_text: toTextPart,
    output_text: toTextPart,
    refusal: (shape) => textPart(shape.refusal ?? shape.text ?? shape.content),
    reasoning: toReasoning,
    thinking: toReasoning,
    redacted_thinking: () => undefined,
    // Azure AI Projects nests the call.
    tool_call: (shape) => toToolCall({ ...shape, ...toRecord(shape.tool_call) }),
    'tool-call': toToolCall,
    tool_use: toToolCall,
    toolUse: toToolCall,
    function: toToolCall,
    function_call: toToolCall,
    server_tool_call: (shape) => toToolCall({ ...toRecord(shape.server_tool_call), ...shape }),
    tool_call_response: toToolResult,
    'tool-result': toToolResult,
    tool_result: toToolResult,
    toolResult: toToolResult,
    function_call_output: toToolResult,
    function_call_result: toToolResult,
    server_tool_call_response: (shape) =>
      toToolResult({ ...shape, result: shape.server_tool_call_response ?? shape.result }),
    // Blocks of LangChain that our handler does not know.
    generic: (shape) => toTextPart(shape) ?? toMedia({ modality: shape.generic_type }, 'media'),
    audio: toAudio,
    input_audio: toAudio,
    output_audio: toAudio,
  }),
);

/** Reads a part of Gemini, Genkit or Bedrock. The name of its only member is its type. */
function toUntypedPart(shape: Shape): MessagePart | undefined {
  const call = toRecord(shape.functionCall ?? shape.toolRequest ?? shape.toolUse ?? shape.function_call);
  if (call) return toToolCall(call);
  const result = toRecord(
    shape.functionResponse ?? shape.toolResponse ?? shape.toolResult ?? shape.function_response,
  );
  if (result) return toToolResult(result);
  if (shape.reasoningContent !== undefined) return toReasoning(toRecord(shape.reasoningContent) ?? {});
  const media = toRecord(
    shape.media ?? shape.inlineData ?? shape.fileData ?? shape.inline_data ?? shape.file_data,
  );
  if (media) return toMedia(media, 'media');
  if (typeof shape.text === 'string')
    return shape.thought === true ? toReasoning(shape) : textPart(shape.text);
  if (shape.type !== undefined) return undefined;
  if (typeof shape.reasoning === 'string') return toReasoning(shape);
  const data = toRecord(shape.data);
  return data && textPart(JSON.stringify(data));
}

function toUntypedText(shape: Shape): MessagePart | undefined {
  return shape.type === undefined ? toTextPart(shape) : undefined;
}

function toTextPart(shape: Shape): MessagePart | undefined {
  return textPart(shape.text ?? shape.content);
}

/** Converts a text. OpenAI's Assistants and Azure's agents write it as `{value, annotations}`. */
function textPart(value: unknown): MessagePart | undefined {
  const text = toRecord(value)?.value ?? value;
  return typeof text === 'string' && isContent(text) ? { type: 'text', text } : undefined;
}

/** Converts spoken words to text, if they were transcribed. */
function toAudio(shape: Shape): MessagePart {
  return textPart(shape.transcript ?? toRecord(shape.audio)?.transcript) ?? toMedia(shape, 'audio');
}

function toReasoning(shape: Shape): MessagePart | undefined {
  const nested = toRecord(shape.reasoningText);
  for (const value of [shape.content, shape.text, shape.reasoning, shape.thinking, nested?.text]) {
    if (typeof value === 'string' && value !== '') return { type: 'reasoning', text: value };
  }
  const summary = Array.isArray(shape.summary)
    ? shape.summary.map((item) => toRecord(item)?.text).filter(Boolean)
    : [];
  return summary.length > 0 ? { type: 'reasoning', text: summary.join('\n') } : undefined;
}

function toToolCall(shape: Shape): MessagePart | undefined {
  const fn = toRecord(shape.function) ?? {};
  const name = firstText(shape.name, shape.toolName, fn.name);
  if (name === undefined) return undefined;
  // Items of the Responses API have `id` for the item and `call_id` for the call.
  const id = firstText(shape.call_id, shape.callId, shape.id, shape.toolCallId, shape.toolUseId, shape.ref);
  const args = shape.arguments ?? shape.args ?? shape.input ?? fn.arguments;
  return {
    type: 'tool_call',
    ...(id !== undefined && { id }),
    name,
    ...(args !== undefined && args !== null && { arguments: decodeArguments(args) }),
  };
}

function toToolResult(shape: Shape): MessagePart {
  const id = firstText(
    shape.call_id,
    shape.callId,
    shape.id,
    shape.toolCallId,
    shape.tool_call_id,
    shape.tool_use_id,
    shape.toolUseId,
    shape.ref,
  );
  const result = shape.response ?? shape.result ?? shape.output ?? shape.content;
  return { type: 'tool_result', ...(id !== undefined && { id }), ...(result !== undefined && { result }) };
}

function toMedia(shape: Shape, kind: string): MessagePart {
  const nested = toRecord(shape.image_url) ?? toRecord(shape.file) ?? toRecord(shape.source) ?? {};
  const mimeType = firstText(
    shape.mime_type,
    shape.mimeType,
    shape.mediaType,
    shape.contentType,
    shape.media_type ?? nested.media_type,
  );
  const modality = firstText(shape.modality) ?? (kind === 'media' ? (mimeType?.split('/')[0] ?? kind) : kind);
  const uri = reference(
    shape.uri,
    shape.url,
    shape.image_url,
    nested.url,
    shape.image,
    shape.fileUri,
    shape.file_uri,
    shape.file_id,
  );
  return {
    type: 'media',
    modality,
    ...(mimeType !== undefined && { mimeType }),
    ...(uri !== undefined && { uri }),
  };
}

/** Returns the first value that looks like an address or a file id. Data URLs and other binary content are dropped. */
function reference(...candidates: readonly unknown[]): string | undefined {
  return candidates.find(
    (value): value is string =>
      typeof value === 'string' &&
      value !== '' &&
      value.length <= 2048 &&
      !/^data:/i.test(value) &&
      /^[a-z][\w+.-]*:|^[\w-]{1,128}$/i.test(value),
  );
}

function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}
