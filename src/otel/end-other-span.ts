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
  parts.logEvents.take(open.span.spanContext());
  if (recognised?.role === 'unclear' && isAlone(open)) parts.destinations.skip('no_call');
  open.settle();
}

const LOOKS_LIKE_CALL: ReadonlySet<SpanRole> = new Set(['llm', 'unclear']);

/** Returns whether no LLM span is above or below a span, and no other unclear span above it. */
function isAlone(open: OpenSpan): boolean {
  return !open.hasLlmSpanBelow && !open.ancestors().some(({ span }) => LOOKS_LIKE_CALL.has(roleOf(span)));
}

/** Reads an agent after the LLM spans below it. Their resource is the same, so that they do not wait longer. */
function endAgent(parts: ProcessorParts, open: OpenSpan, recognised: RecognisedSpan): void {
  parts.pendingResources.run(open.span.resource, () =>
    guard(
      'onEnd',
      () => {
        const finish = (): void => finishAgent(parts, open, recognised);
        const wait = open.hasCallBelow ? undefined : waitBelow(open);
        if (wait) parts.heldCalls.hold(wait, finish);
        else finish();
      },
      () => parts.destinations.skip('unreadable'),
    ),
  );
}

function finishAgent(parts: ProcessorParts, open: OpenSpan, recognised: RecognisedSpan): void {
  const { destinations, logEvents, records, spanTree } = parts;
  const span = logEvents.attach(open.span);
  const ancestors = open.ancestors().map((ancestor) => ancestor.span);
  const call = spanTree.canBeCall(open) ? readAgentCall(span, recognised, ancestors) : undefined;
  const { contextIdentity, startOrder } = open;
  const isAdmitted = call === undefined || records.admits({ span, ancestors, contextIdentity });
  const finished = call && isAdmitted ? { call, span, ancestors, contextIdentity, startOrder } : undefined;
  if (finished) parts.lifeCycle.extendLifetime();
  const isRecorded = spanTree.finishAgent(open, finished);
  if (isAdmitted && !isRecorded) destinations.skip('no_call');
}
