import { operationNameOf } from '../fields/operation.js';
import { roleOf } from '../dialects/read-llm-call.js';
import { isBoundary } from '../model/dialect.js';
import type { SpanLike } from '../model/span-like.js';

/** Attributes with the kind of step that a span stands for. */
const KIND_KEYS = [
  'openinference.span.kind',
  'langfuse.observation.type',
  'langsmith.span.kind',
  'traceloop.span.kind',
  'mastra.span.type',
  'mlflow.spanType',
  'lmnr.span.type',
  'langwatch.span.type',
  'genkit:metadata:subtype',
  'sentry.op',
  'span.type',
  'ai.operationId',
] as const;

/** Names of spans around several turns: LiveKit's `agent_session`, `AgentSession`, `chat session 17`. */
const SESSION = /(?:^|[^a-z])session(?:[\s:#_-]+\d[\da-f-]*)?$/i;
const CAMEL_CASE_SESSION = /[a-z]Session$/;

const TOOL_KEYS = ['gen_ai.tool.name', 'gen_ai.tool.call.id', 'lk.function_tool.name'] as const;

/** Outer spans of the AI SDK: one call of `generateText` and its like, with the model calls and tools of all steps below. */
const AI_SDK_OUTER = /^ai\.(?:generate|stream)(?:Text|Object)$/;

/**
 * Returns whether a span covers the whole work on one user message: an agent, a workflow or a chain. A tool span does not, although
 * it is a call boundary too, nor does a session around several messages.
 */
export function isTurnScope(span: SpanLike): boolean {
  const { attributes } = span;
  const role = roleOf(span);
  if (role === 'llm') return false;
  let isWhole = isBoundary(role);
  for (const key of KIND_KEYS) {
    const kind = attributes[key];
    if (typeof kind !== 'string') continue;
    if (/tool/i.test(kind)) return false;
    isWhole ||= /^"?(?:agent|chain|workflow)"?$/i.test(kind) || AI_SDK_OUTER.test(kind);
  }
  if (!isWhole || SESSION.test(span.name) || CAMEL_CASE_SESSION.test(span.name)) return false;
  if (operationNameOf(attributes) === 'execute_tool') return false;
  // Tool spans of Google's ADK have an empty request.
  return attributes['gcp.vertex.agent.llm_request'] !== '{}' && !TOOL_KEYS.some((key) => key in attributes);
}

const SERVER = 1;
const CONSUMER = 4;

/** Returns whether a span is the handling of an incoming request or message: kind SERVER or CONSUMER. */
export function isRequest(span: SpanLike): boolean {
  return span.kind === SERVER || span.kind === CONSUMER;
}
