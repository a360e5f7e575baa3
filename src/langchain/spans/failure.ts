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
import { showsContent } from './span-content.js';
import { toJson } from '../messages/bounded-json.js';
import { asRecord, asText, cut, type UnknownRecord } from '../../common/unknown-values.js';
import type { Run } from '../runs/run.js';
import { withoutBinary, withoutCredentials } from '../messages/scrub-text.js';

const MAX_STATUS_LENGTH = 300;
const MAX_MESSAGE_LENGTH = 2_000;
const MAX_STACK_LENGTH = 8_000;
const MAX_TYPE_LENGTH = 200;

/** Says on the span how a run failed. Answers with the type of the error, unless it is none. `aborted`: its signal had aborted. */
export function recordFailure(span: Span, run: Run, thrown: unknown, aborted = false): string | undefined {
  try {
    return recordThrown(span, run, thrown, aborted);
  } catch {
    // Anything can be thrown, also what cannot be read.
    return recordError(span, run, undefined, {}, aborted);
  }
}

function recordThrown(span: Span, run: Run, thrown: unknown, aborted: boolean): string | undefined {
  const error = asRecord(thrown);
  // LangGraph leaves a node by throwing: an interrupt or a hand-off to another graph is how it works, not an error.
  if (error['is_bubble_up'] !== true) return recordError(span, run, thrown, error, aborted);
  recordControlFlow(span, run, error);
  return undefined;
}

function recordControlFlow(span: Span, run: Run, error: UnknownRecord): void {
  const attributes: Attributes = { [ATTR_TRUBRICS_CONTROL_FLOW]: typeOf(error, error) };
  if (error['interrupts'] !== undefined && showsContent(run)) {
    attributes[ATTR_TRUBRICS_INTERRUPTS] = withoutBinary(toJson(error['interrupts']));
  }
  span.addEvent(EVENT_CONTROL_FLOW, attributes);
}

function recordError(span: Span, run: Run, thrown: unknown, error: UnknownRecord, aborted: boolean): string {
  const named = cut(asText(error['lc_error_code']) ?? typeOf(thrown, error), MAX_TYPE_LENGTH);
  // A connection that was closed by an abort is an error without a name of its own.
  const type = aborted && named === 'Error' ? 'AbortError' : named;
  const message = messageOf(run, thrown, error);
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

/** The library's own message. Tools, parsers and providers quote questions and answers in it: it goes only where those may go. */
function messageOf(run: Run, thrown: unknown, error: UnknownRecord): string | undefined {
  if (!showsContent(run)) return undefined;
  const message = typeof thrown === 'string' ? thrown : asText(error['message']);
  return message === undefined ? undefined : withoutCredentials(cut(message, MAX_MESSAGE_LENGTH));
}

/** The class; errors of OpenAI and of the DOM say more by their class or their name than the other way round. */
function typeOf(thrown: unknown, error: UnknownRecord): string {
  if (typeof thrown !== 'object' || thrown === null) return '_OTHER';
  const className = asText((error['constructor'] as { name?: unknown } | undefined)?.name);
  const name = asText(error['name']);
  // LangChain's and LangGraph's own, without a class or a name.
  if (error['message'] === 'AbortError' || error['message'] === 'Abort') return 'AbortError';
  if (
    className === undefined ||
    className === 'Error' ||
    className === 'DOMException' ||
    className === 'Object'
  ) {
    return name ?? className ?? '_OTHER';
  }
  return className;
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0] ?? '';
}
