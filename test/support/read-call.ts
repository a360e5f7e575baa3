import { readLlmCall, roleOf } from '../../src/reading/dialects/read-llm-call.js';
import type { LlmCall, MessagePart } from '../../src/reading/model/llm-call.js';
import type { SpanRole } from '../../src/reading/model/dialect.js';
import type { SpanLike } from '../../src/reading/model/span-like.js';
import { generationOf, promptOf } from '../../src/records/calls/call-text.js';
import { makeSpan, type SpanSketch } from './span.js';

/** Attributes of a chat in the GenAI conventions. */
export const CHAT = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };

/** A call with the texts that its record would have. */
export type ReadCall = LlmCall & { readonly prompt: string; readonly generation: string };

/** Reads a span that must be an LLM call. */
export function readCall(span: SpanLike, ancestors: readonly SpanLike[] = []): ReadCall {
  const call = readLlmCall(span, ancestors);
  if (!call) throw new Error('not an LLM call');
  return { ...call, prompt: promptOf(call), generation: generationOf(call) };
}

/** Reads a span with these attributes, and with `more` in place of what the sketch of a span has. */
export function readAttributes(
  attributes: Record<string, unknown>,
  more: Partial<SpanLike> = {},
  ancestors: readonly SpanLike[] = [],
): ReadCall {
  return readCall({ ...makeSpan({ attributes }), ...more }, ancestors);
}

/** Makes a span of the library `scope`. */
export function makeScopedSpan({
  scope = 'test',
  ...sketch
}: SpanSketch & { readonly scope?: string }): SpanLike {
  return { ...makeSpan(sketch), instrumentationScope: { name: scope } };
}

/** Reads the output of a LangSmith span, which may be the body of any API. */
export function readOutput(output: unknown): ReadCall {
  return readAttributes({
    'langsmith.span.kind': 'llm',
    'gen_ai.prompt': 'Q',
    'gen_ai.completion': JSON.stringify(output),
  });
}

/** Reads a span of the library `scope`. */
export function readSketch(sketch: Parameters<typeof makeScopedSpan>[0]): ReadCall {
  return readCall(makeScopedSpan(sketch));
}

/** Returns the role of a span with these attributes. */
export function roleOfAttributes(attributes: Record<string, unknown>): SpanRole {
  return roleOf(makeSpan({ attributes }));
}

/** Returns the parts of a message that is one text. */
export function textParts(text: string): MessagePart[] {
  return [{ type: 'text', text }];
}

/** Returns the JSON of one message in the GenAI conventions. */
export function textMessages(role: string, content: string): string {
  return JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
}
