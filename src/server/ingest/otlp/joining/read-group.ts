import { collapseNested } from '../../../../reading/calls/deduplicate-calls.js';
import { sharesOutcome, statusErrorOf, withChildError } from '../../../../reading/calls/failed-child.js';
import { commonModel, type CallModel } from '../../../../reading/calls/agent-call.js';
import { collapseAgents } from '../../../../reading/calls/locate-agent-calls.js';
import type { LocatedCall } from '../../../../reading/calls/located-call.js';
import { hasContent } from '../../../../reading/calls/merge-calls.js';
import { readRecognisedCall } from '../../../../reading/dialects/read-llm-call.js';
import type { LlmCall } from '../../../../reading/model/llm-call.js';
import { ATTR_GEN_AI_RESPONSE_ID } from '../../../../common/semconv.js';
import { asText } from '../../../../common/unknown-values.js';
import { isOptedOut } from '../../../../records/privacy/opt-out.js';
import { byEnd, roleIn, type BufferedSpan } from './buffered-span.js';
import { isCounting, type Root } from './call-groups.js';
import type { JoiningState } from './joining-state.js';

/** Result of reading the spans of one group. */
export interface GroupReading {
  readonly calls: readonly LocatedCall[];
  readonly members: ReadonlySet<BufferedSpan>;
  /** Agents without question or answer. */
  readonly withoutCall: readonly BufferedSpan[];
  /** Spans of calls without content, and agents without question or answer: log records may bring them. None of them is opted out. */
  readonly withoutContent: readonly BufferedSpan[];
  /** Number of LLM spans that cannot be read. */
  readonly unreadable: number;
}

const NOTHING: GroupReading = {
  calls: [],
  members: new Set(),
  withoutCall: [],
  withoutContent: [],
  unreadable: 0,
};

/** Reads the calls of the group of a span. Those of agents are read only if no call is below them. */
export function readGroup(root: Root, state: JoiningState): GroupReading {
  if (roleIn(root) === 'llm') return readLlmSpans(root, state);
  return roleIn(root) === 'agent' && !state.groups.callsBelow.hasCall(root)
    ? readAgents(root, state)
    : NOTHING;
}

/** Makes the calls of agents below which no call was found. */
function readAgents(root: Root, { spans, groups }: JoiningState): GroupReading {
  const members = groups.membersOf(root);
  const bySpan = new Map([...members].sort(byEnd).map((member) => [member.span, member]));
  const agents = [...bySpan.values()].map((member) => ({
    span: member.span,
    recognised: member.recognised,
    ancestors: spans.ancestorsOf(member).map(({ span }) => span),
  }));
  const collapsed = collapseAgents(
    agents,
    (place) => !isOptedOut(place),
    (agent) => modelBelow(bySpan.get(agent), spans),
  );
  const withoutCall = collapsed.withoutCall.flatMap((span) => bySpan.get(span) ?? []);
  const optedOut = new Set(agents.filter((place) => isOptedOut(place)).map(({ span }) => span));
  const withoutContent = withoutCall.filter(({ span }) => !optedOut.has(span));
  return { calls: collapsed.calls, members, withoutCall, withoutContent, unreadable: 0 };
}

/** Spans that are looked at for the model of an agent. */
const MAX_BELOW = 1_000;

/** Returns the model of the LLM spans below an agent, which have no content: only then the agent is a call. */
function modelBelow(agent: BufferedSpan | undefined, spans: JoiningState['spans']): CallModel | undefined {
  let model: CallModel | undefined;
  const below = new Set(agent && spans.childrenOf(agent));
  for (const member of below) {
    const { span, recognised } = member;
    const isAdmitted = !isOptedOut({ span, ancestors: spans.ancestorsOf(member).map((above) => above.span) });
    const call = isAdmitted ? readRecognisedCall(span, recognised, []) : undefined;
    if (call && !call.error) model = commonModel(model, call);
    if (below.size < MAX_BELOW) for (const child of spans.childrenOf(member)) below.add(child);
  }
  return model;
}

/** Makes the calls of LLM spans, innermost spans first. */
function readLlmSpans(root: Root, state: JoiningState): GroupReading {
  const { spans, groups, responses } = state;
  const members = groups.membersOf(root);
  const callsOf = new Map<BufferedSpan, readonly LocatedCall[]>();
  const empty: BufferedSpan[] = [];
  let unreadable = 0;
  for (const member of [...members].toReversed()) {
    const inner = [...groups.placeOf(member).inner].sort(byEnd).flatMap((one) => callsOf.get(one) ?? []);
    const { span, recognised } = member;
    const above = spans.ancestorsOf(member);
    const ancestors = above.map((ancestor) => ancestor.span);
    // Decided in front of everything that merges: the content must not complete the record of another span.
    const isAdmitted = !isOptedOut({ span, ancestors });
    const own = isAdmitted ? readRecognisedCall(span, recognised, ancestors) : undefined;
    const call = own && withChildError(own, childErrorOf(member, state));
    if (isAdmitted && !call) unreadable += 1;
    if (call && !hasContent(call)) empty.push(member);
    const isEmpty = call !== undefined && !hasContent(call) && !call.error;
    groups.callsBelow.count(member, above.filter(isCounting), !isEmpty);
    callsOf.set(member, call ? collapseNested({ call, span, ancestors }, inner) : inner);
    responses.setSpan(call?.responseId ?? asText(span.attributes[ATTR_GEN_AI_RESPONSE_ID]), member);
  }
  const calls = callsOf.get(root) ?? [];
  return {
    calls,
    members,
    withoutCall: [],
    withoutContent: calls.some(({ call }) => !hasContent(call)) ? empty : [],
    unreadable,
  };
}

/** Returns the error of the child that ended last, if it shares its outcome with the call. */
function childErrorOf(span: BufferedSpan, { spans, groups }: JoiningState): LlmCall['error'] {
  const last = spans
    .childrenOf(span)
    .filter((child) => sharesOutcome(child.span, span.span, roleIn(child)))
    .sort(byEnd)
    .at(-1);
  const error = last && statusErrorOf(last.span);
  groups.placeOf(span).hasFailedChild = error !== undefined;
  return error;
}
