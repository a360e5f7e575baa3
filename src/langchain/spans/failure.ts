import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_TRUBRICS_CONTROL_FLOW,
  ATTR_TRUBRICS_INTERRUPTS,
  EVENT_CONTROL_FLOW,
} from '../../common/semconv.js';
import { recordsContentOnSpan } from '../runs/span-content.js';
import { toJson } from '../messages/bounded-json.js';
import { asRecord, asText, cut, type UnknownRecord } from '../../common/unknown-values.js';
import type { Run } from '../runs/run.js';
import type { RunRegistry } from '../runs/run-registry.js';
import { endSpan } from '../runs/run-span.js';
import { withoutBinary } from '../../common/text/without-binary.js';
import { withoutCredentials } from '../messages/scrub-text.js';

const MAX_STATUS_LENGTH = 300;
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;
const MAX_TYPE_LENGTH = 200;

const ABORT_ERROR = 'AbortError';
/** Types of errors of aborted calls: of the DOM, of LangChain, and of the SDKs of OpenAI and Anthropic. */
const ABORT_TYPES: ReadonlySet<string> = new Set([
  ABORT_ERROR,
  'MODEL_ABORTED',
  'ModelAbortError',
  'APIUserAbortError',
]);

/** Classes that say nothing of the error. */
const GENERIC_CLASSES: ReadonlySet<string> = new Set(['Error', 'DOMException', 'Object']);

/** Ends the span of a chain, tool or retriever that failed. */
export function failRun(registry: RunRegistry, run: Run, error: unknown): void {
  if (registry.end(run)) endSpan(run, (span) => recordFailure(span, run, error));
}

/**
 * Records the failure of a run on its span.
 *
 * Returns the type of the error; undefined for an exception that LangGraph uses for control flow. `aborted`: the signal of the run
 * had aborted.
 */
export function recordFailure(span: Span, run: Run, thrown: unknown, aborted = false): string | undefined {
  try {
    const error = asRecord(thrown);
    // LangGraph throws to leave a node, for an interrupt or a command to another graph. Neither is an error.
    if (error['is_bubble_up'] !== true) return recordError(span, run, thrown, error, aborted);
    recordControlFlow(span, run, error);
    return undefined;
  } catch {
    // The thrown value is not readable, for example a revoked proxy.
    return recordError(span, run, undefined, {}, aborted);
  }
}

/** Records that a call was stopped before the model said anything, which is no answer. Returns the type of the error. */
export function recordUnanswered(span: Span): string {
  span.setAttribute(ATTR_ERROR_TYPE, ABORT_ERROR);
  span.setStatus({ code: SpanStatusCode.ERROR });
  return ABORT_ERROR;
}

/** Returns true for a type of error that an abort causes. */
export function isAbort(type: string | undefined): boolean {
  return type !== undefined && ABORT_TYPES.has(type);
}

function recordControlFlow(span: Span, run: Run, error: UnknownRecord): void {
  const attributes: Attributes = { [ATTR_TRUBRICS_CONTROL_FLOW]: errorType(error, error) };
  if (error['interrupts'] !== undefined && recordsContentOnSpan(run)) {
    attributes[ATTR_TRUBRICS_INTERRUPTS] = withoutBinary(toJson(error['interrupts']));
  }
  span.addEvent(EVENT_CONTROL_FLOW, attributes);
}

function recordError(span: Span, run: Run, thrown: unknown, error: UnknownRecord, aborted: boolean): string {
  const ownType = cut(asText(error['lc_error_code']) ?? errorType(thrown, error), MAX_TYPE_LENGTH);
  // A connection closed by an abort fails with a plain Error.
  const type = aborted && ownType === 'Error' ? ABORT_ERROR : ownType;
  const message = errorMessage(run, thrown, error);
  const stack = message === undefined ? undefined : asText(error['stack']);
  span.setAttribute(ATTR_ERROR_TYPE, type);
  span.setStatus({
    code: SpanStatusCode.ERROR,
    ...(message !== undefined && { message: cut(firstLine(message), MAX_STATUS_LENGTH) }),
  });
  span.addEvent('exception', {
    [ATTR_EXCEPTION_TYPE]: type,
    ...(message !== undefined && { [ATTR_EXCEPTION_MESSAGE]: message }),
    ...(stack !== undefined && {
      [ATTR_EXCEPTION_STACKTRACE]: withoutCredentials(cut(stack, MAX_STACK_LENGTH)),
    }),
  });
  return type;
}

/**
 * Returns the message of the error; undefined if content must not be on the span, because tools, parsers and providers quote prompts
 * and answers in their messages.
 */
function errorMessage(run: Run, thrown: unknown, error: UnknownRecord): string | undefined {
  if (!recordsContentOnSpan(run)) return undefined;
  const message = typeof thrown === 'string' ? thrown : asText(error['message']);
  return message === undefined ? undefined : withoutCredentials(cut(message, MAX_MESSAGE_LENGTH));
}

/** Returns the class of the error; for generic classes its `name`, because errors of the DOM differ in it alone. */
function errorType(thrown: unknown, error: UnknownRecord): string {
  if (typeof thrown !== 'object' || thrown === null) return '_OTHER';
  const className = asText((error['constructor'] as { name?: unknown } | undefined)?.name);
  const name = asText(error['name']);
  // LangChain and LangGraph throw aborts as plain errors with this message.
  if (error['message'] === 'AbortError' || error['message'] === 'Abort') return ABORT_ERROR;
  if (className !== undefined && !GENERIC_CLASSES.has(className)) return className;
  return name ?? className ?? '_OTHER';
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
