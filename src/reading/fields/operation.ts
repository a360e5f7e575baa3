import {
  ATTR_GEN_AI_OPERATION_NAME,
  OPERATION_CHAT,
  OPERATION_GENERATE_CONTENT,
  OPERATION_TEXT_COMPLETION,
} from '../../common/semconv.js';
import type { SpanAttributes } from '../model/attributes.js';
import type { SpanRole } from '../model/dialect.js';
import type { LlmOperation } from '../model/llm-call.js';

/**
 * Inference operations: the values of the conventions and those of libraries (`llm_call` of Gemini CLI, `chat.completions` of Semantic
 * Kernel, `process_thread_run` of Azure AI Agents). Names are in lower case without separators.
 */
const OPERATIONS: readonly (readonly [RegExp, LlmOperation])[] = [
  [
    /^(?:llm(?:call)?|inference|processthreadrun|(?:chat|responses?|messages?)(?:streaming)?(?:completions?|create)?)$/,
    OPERATION_CHAT,
  ],
  [/^(?:text)?(?:streaming)?completions?$/, OPERATION_TEXT_COMPLETION],
  [/^(?:generate|stream)(?:content|text|object)?$/, OPERATION_GENERATE_CONTENT],
];

const AGENT = /^(?:invokeagent|agentcall)$/;

/** `toolcall`: Gemini CLI. */
const CALL_BOUNDARY = /^(?:executetool|toolcall|createagent|invokeworkflow|plan)$/;

/** Returns the role of a span with this `gen_ai.operation.name`. */
export function roleOfOperation(operation: string): SpanRole {
  if (inferenceOf(operation)) return 'llm';
  const name = nameOf(operation);
  if (AGENT.test(name)) return 'agent';
  return CALL_BOUNDARY.test(name) ? 'callBoundary' : 'other';
}

/** Returns the role that its operation gives a span; `undefined` for a span without an operation. */
export function roleByOperation(attributes: SpanAttributes): SpanRole | undefined {
  const operation = operationNameOf(attributes);
  return operation === undefined ? undefined : roleOfOperation(operation);
}

function inferenceOf(operation: string): LlmOperation | undefined {
  if (isConvention(operation)) return operation;
  const name = nameOf(operation);
  return OPERATIONS.find(([names]) => names.test(name))?.[1];
}

/** Returns whether an operation is a value of the conventions, as on most spans: it needs no regular expression. */
function isConvention(operation: string): operation is LlmOperation {
  return (
    operation === OPERATION_CHAT ||
    operation === OPERATION_TEXT_COMPLETION ||
    operation === OPERATION_GENERATE_CONTENT
  );
}

/** Returns an operation in lower case without separators: LoongSuite writes `CHAT`, others `generateText` or `text-completion`. */
function nameOf(operation: string): string {
  return operation.toLowerCase().replace(/[^a-z]/g, '');
}

/** Returns the `gen_ai.operation.name` of a span, or `undefined` if it is missing or empty. */
export function operationNameOf(attributes: SpanAttributes): string | undefined {
  const operation = attributes[ATTR_GEN_AI_OPERATION_NAME];
  return typeof operation === 'string' && operation !== '' ? operation : undefined;
}

/** Returns the inference operation of a span that is known to be an LLM call. Default: `chat`. */
export function llmOperationOf(attributes: SpanAttributes): LlmOperation {
  return inferenceOf(operationNameOf(attributes) ?? OPERATION_CHAT) ?? OPERATION_CHAT;
}
