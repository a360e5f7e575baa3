import { guard } from '../common/guard.js';
import { readAgentCall } from '../reading/calls/agent-call.js';
import { roleOf } from '../reading/dialects/read-llm-call.js';
import type { RecognisedSpan } from '../reading/dialects/recognise.js';
import type { SpanRole } from '../reading/model/dialect.js';
import type { ProcessorParts } from './create-processor-parts.js';
import { waitBelow } from './state/held-calls.js';
import type { OpenSpan } from './state/open-span.js';

/** Ends a span that is no LLM span. An agent that was asked and answered is a call if no call was recorded below it. */
export function endOtherSpan(
  parts: ProcessorParts,
  open: OpenSpan,
  recognised: RecognisedSpan | undefined,
): void {
  if (recognised?.role === 'agent') return endAgent(parts, open, recognised);
  // Events of log records on other spans are no part of a call.
  parts.logEvents?.take(open.span.spanContext());
  if (recognised?.role === 'unclear') endUnclear(parts, open);
  open.settle();
}

/** Counts a span that cannot be read. */
export function skipUnreadable({ destinations, spanLog }: ProcessorParts, open: OpenSpan): void {
  spanLog.note(open.span.spanContext().spanId, 'unreadable');
  destinations.skip('unreadable');
}

function endUnclear({ destinations, spanLog }: ProcessorParts, open: OpenSpan): void {
  const isCounted = isAlone(open);
  spanLog.note(open.span.spanContext().spanId, isCounted ? 'no_call' : 'same_call');
  if (isCounted) destinations.skip('no_call');
}

const LOOKS_LIKE_CALL: ReadonlySet<SpanRole> = new Set(['llm', 'unclear']);

/** Returns whether no LLM span is above or below a span, and no other unclear span above it. */
function isAlone(open: OpenSpan): boolean {
  return !open.hasLlmSpanBelow && !open.spansAbove().some((span) => LOOKS_LIKE_CALL.has(roleOf(span)));
}

/** Reads an agent after the LLM spans below it. Their resource is the same, so that they do not wait longer. */
function endAgent(parts: ProcessorParts, open: OpenSpan, recognised: RecognisedSpan): void {
  parts.pendingResources.run(open.span.resource, () =>
    guard(
      'onEnd',
      () => {
        const finish = (): void => finishAgent(parts, open, recognised);
        const wait = open.hasCallBelow ? undefined : waitBelow(open);
        if (!wait) return finish();
        parts.spanLog.note(open.span.spanContext().spanId, 'span_below');
        parts.heldCalls.hold(wait, finish);
      },
      () => skipUnreadable(parts, open),
    ),
  );
}

function finishAgent(parts: ProcessorParts, open: OpenSpan, recognised: RecognisedSpan): void {
  const { destinations, logEvents, records, spanLog, spanTree } = parts;
  const span = logEvents?.attach(open.span) ?? open.span;
  const ancestors = open.spansAbove();
  const call = spanTree.canBeCall(open) ? readAgentCall(span, recognised, ancestors) : undefined;
  const { contextIdentity, startOrder } = open;
  const isAdmitted = call === undefined || records.admits({ span, ancestors, contextIdentity });
  const finished = call && isAdmitted ? { call, span, ancestors, contextIdentity, startOrder } : undefined;
  const { spanId } = span.spanContext();
  if (finished) parts.lifeCycle.extendLifetime();
  if (isAdmitted) spanLog.note(spanId, finished ? 'outer_span' : 'calls_below');
  const isRecorded = spanTree.finishAgent(open, finished);
  if (!isAdmitted || isRecorded) return;
  spanLog.note(spanId, 'no_call');
  destinations.skip('no_call');
}
