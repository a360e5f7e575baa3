import {
  ATTR_GEN_AI_OPERATION_NAME,
  OPERATION_CHAT,
  OPERATION_GENERATE_CONTENT,
  OPERATION_TEXT_COMPLETION,
} from '../../common/semconv.js';
import type { SpanAttributes } from '../model/attributes.js';
import type { SpanRole } from '../model/dialect.js';
import type { LlmOperation } from '../model/llm-call.js';

/** Inference operations by `gen_ai.operation.name`: the values of the conventions and those of libraries. */
const OPERATIONS: ReadonlyMap<string, LlmOperation> = new Map([
  ['chat', OPERATION_CHAT],
  ['text_completion', OPERATION_TEXT_COMPLETION],
  ['completion', OPERATION_TEXT_COMPLETION],
  ['generate_content', OPERATION_GENERATE_CONTENT],
  ['generate', OPERATION_GENERATE_CONTENT],
  ['response', OPERATION_CHAT],
  ['responses', OPERATION_CHAT],
  // Gemini CLI.
  ['llm_call', OPERATION_CHAT],
  // Semantic Kernel, before it followed the conventions.
  ['chat.completions', OPERATION_CHAT],
  ['chat.streaming_completions', OPERATION_CHAT],
  ['text.completions', OPERATION_TEXT_COMPLETION],
  ['text.streaming_completions', OPERATION_TEXT_COMPLETION],
]);

/** Roles of the other operations. */
const OTHER_ROLES: ReadonlyMap<string, SpanRole> = new Map([
  ['execute_tool', 'callBoundary'],
  ['invoke_agent', 'agent'],
  ['create_agent', 'callBoundary'],
  ['invoke_workflow', 'callBoundary'],
  ['plan', 'callBoundary'],
  // Gemini CLI.
  ['tool_call', 'callBoundary'],
  ['agent_call', 'agent'],
]);

/** Returns the role of a span with this `gen_ai.operation.name`. */
export function roleOfOperation(operation: string): SpanRole {
  return OPERATIONS.has(operation) ? 'llm' : (OTHER_ROLES.get(operation) ?? 'other');
}

/** Returns the `gen_ai.operation.name` of a span, or `undefined` if it is missing or empty. */
export function operationNameOf(attributes: SpanAttributes): string | undefined {
  const operation = attributes[ATTR_GEN_AI_OPERATION_NAME];
  return typeof operation === 'string' && operation !== '' ? operation : undefined;
}

/** Returns the inference operation of a span that is known to be an LLM call. Default: `chat`. */
export function llmOperationOf(attributes: SpanAttributes): LlmOperation {
  return OPERATIONS.get(operationNameOf(attributes) ?? '') ?? OPERATION_CHAT;
}
