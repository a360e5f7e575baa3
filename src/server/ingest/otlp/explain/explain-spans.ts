import { recordId } from '../../../../common/record-id.js';
import {
  explainSpan,
  type ExplainedSpan,
  type SpanExplanation,
  type SpanReason,
} from '../../../../reading/advice/span-explanation.js';
import { readRecognisedCall } from '../../../../reading/dialects/read-llm-call.js';
import { scopeNameOf } from '../../../../reading/model/span-like.js';
import { isOptedOut } from '../../../../records/privacy/opt-out.js';
import { idsOf, roleIn, type BufferedSpan } from '../joining/buffered-span.js';
import type { JoiningState } from '../joining/joining-state.js';
import { recordedAt } from '../joining/recorded-at.js';
import { toNewRecord } from '../to-new-record.js';

/** Spans of calls and agents that are explained, the last ones. Each is read again for it. */
const MAX_SPANS = 1_000;

/** Returns what became of the last spans of calls and agents, and after them one for each library with other spans. */
export function explainBuffered(state: JoiningState): SpanExplanation[] {
  const calls = state.spans.latest(MAX_SPANS, (span) => /^(?:llm|agent|unclear)$/.test(roleIn(span)));
  return [...calls.map((span) => explained(span, reasonOf(span, state))), ...othersOf(state)].map((span) =>
    explainSpan(span),
  );
}

interface Reason {
  readonly reason: SpanReason;
  readonly partOf?: string;
}

function explained(buffered: BufferedSpan, { reason, partOf }: Reason): ExplainedSpan {
  const { span, recognised } = buffered;
  const dialect = recognised?.dialect.name;
  return { ...idsOf(buffered), name: span.name, scope: scopeNameOf(span), dialect, reason, partOf };
}

function reasonOf(buffered: BufferedSpan, state: JoiningState): Reason {
  const { span, trace, spanId, recognised } = buffered;
  const ancestors = state.spans
    .chainFrom(trace.traceId, spanId)
    .slice(1)
    .map((above) => above.span);
  if (isOptedOut({ span, ancestors })) return { reason: 'opted_out' };
  if (roleIn(buffered) !== 'llm') return reasonOfOther(buffered, state);
  const call = readRecognisedCall(span, recognised, ancestors);
  const recorded = recordedAt([buffered], state);
  if (recorded && recorded !== buffered) return { reason: 'same_call', partOf: recordId(idsOf(recorded)) };
  if (!call) return { reason: 'unreadable' };
  const place = state.groups.find(buffered);
  const isAlone = place !== undefined && place.inner.size === 0 && place.partners.length === 0;
  const isRecord = !isAlone || toNewRecord({ call, span, ancestors }, '') !== undefined;
  if (!recorded || !isRecord) return { reason: 'no_content' };
  return { reason: call.error ? 'error_event' : 'recorded', partOf: recordId(idsOf(buffered)) };
}

function reasonOfOther(buffered: BufferedSpan, state: JoiningState): Reason {
  const place = state.groups.find(buffered);
  if (place?.isNoCall) return { reason: 'no_call' };
  if (roleIn(buffered) === 'unclear') return { reason: 'same_call' };
  if (place?.isFinal) return { reason: 'recorded', partOf: recordId(idsOf(buffered)) };
  if (state.groups.callsBelow.hasCall(buffered)) return { reason: 'calls_below' };
  const recorded = recordedAt([buffered], state);
  return recorded ? { reason: 'same_call', partOf: recordId(idsOf(recorded)) } : { reason: 'no_call' };
}

/** Counts the other spans by their library. */
function othersOf({ spans }: JoiningState): ExplainedSpan[] {
  const byScope = new Map<string, ExplainedSpan & { count: number }>();
  for (const other of spans.latest(Infinity, (span) => /^(?:other|callBoundary)$/.test(roleIn(span)))) {
    const scope = scopeNameOf(other.span);
    const known = byScope.get(scope);
    if (known) known.count += 1;
    else byScope.set(scope, { ...explained(other, { reason: 'no_llm_span' }), dialect: undefined, count: 1 });
  }
  return [...byScope.values()];
}
