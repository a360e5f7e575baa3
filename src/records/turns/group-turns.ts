import { recordId } from '../../common/record-id.js';
import { hasContent } from '../../reading/calls/merge-calls.js';
import { isRequest, isTurnScope } from '../../reading/calls/turn-scope.js';
import { roleOf } from '../../reading/dialects/read-llm-call.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { textOf, toolCallsOf } from '../calls/call-text.js';
import type { CallSurroundings } from '../calls/record-call.js';
import type { Question } from './question.js';

/*
 * A turn is all LLM calls that answer one user message. The algorithm:
 *
 * 1. Calls are split by local root, the topmost span of this process above them. A turn never crosses two roots.
 * 2. The root decides what the calls below it have in common (`RootKind`). Below an LLM span, or without a root, they are one turn.
 * 3. Otherwise calls are taken by start time. Each joins the latest draft that it belongs to, or begins a new one (`belongsTo`):
 *    - calls below the same agent, workflow or chain (the outermost one counts) are one turn;
 *    - below a server or consumer span, calls with the same question are one turn, and calls outside of any agent are one;
 *    - below any other root, calls outside of agents belong together if they have the same question at the same position;
 *    - an agent joins the turn of the agent before it, if that one ended without an answer and both have the same question:
 *      it took over from it, or is another attempt.
 * 4. A turn has the id of its outermost agent, else of the root. If an earlier turn has taken that id, it has the id of its first call.
 * 5. A turn is complete when the spans in `waitsFor` have ended: its agents, and the root if further calls below it can still join.
 */

/** LLM call of a turn with its surroundings. */
export interface TurnCall extends CallSurroundings {
  readonly call: LlmCall;
  readonly question: Question | undefined;
}

/** All calls that answer one user message. */
export interface TurnGroup {
  /** `traceId-spanId` of the span that represents the turn. */
  readonly id: string;
  /** Sorted by start. */
  readonly calls: readonly [TurnCall, ...TurnCall[]];
  /** Spans that must end before the turn is complete. */
  readonly waitsFor: readonly SpanLike[];
}

/** Kind of a local root: `whole` has one turn below it, `request` is a server or consumer span, `plain` is any other span. */
type RootKind = 'whole' | 'request' | 'plain';

/** Turn to which calls are still added. */
interface TurnDraft {
  readonly calls: [TurnCall, ...TurnCall[]];
  readonly agents: Set<SpanLike>;
  /** True if a call has no agent between itself and the root. */
  hasCallOutsideAgents: boolean;
}

/**
 * Tolerance for ordering calls by time. Start and end times come from different clocks and differ by some milliseconds under load.
 * Within it, arrival order decides.
 */
const CLOCK_STEP_MS = 20;

/** Groups calls into turns. `takenIds` are ids of turns that were emitted: calls that come later form a turn with another id. */
export function groupTurns(
  calls: readonly TurnCall[],
  takenIds: ReadonlySet<string> = new Set(),
): TurnGroup[] {
  const byRoot = new Map<string, TurnCall[]>();
  for (const call of calls) {
    const key = rootKeyOf(call);
    const group = byRoot.get(key);
    if (group) group.push(call);
    else byRoot.set(key, [call]);
  }
  return [...byRoot.values()].flatMap((group) => groupBelowRoot(group, new Set(takenIds)));
}

function groupBelowRoot(calls: readonly TurnCall[], takenIds: Set<string>): TurnGroup[] {
  const root = calls.find(({ ancestors }) => ancestors.length > 0)?.ancestors.at(-1);
  const kind = kindOf(root);
  const drafts: TurnDraft[] = [];
  for (const call of withoutEmptyCalls(calls).sort(byStart)) {
    const agent = call.ancestors.findLast((ancestor) => isTurnScope(ancestor));
    const draft = drafts.findLast((candidate) => belongsTo(candidate, call, agent, kind));
    if (draft) addTo(draft, call, agent);
    else drafts.push({ calls: [call], agents: new Set(agent && [agent]), hasCallOutsideAgents: !agent });
  }
  return drafts.map((draft) => toGroup(draft, root, kind, takenIds));
}

/** Drops calls without content below an agent that is recorded as a call itself. Its span covers them. */
function withoutEmptyCalls(calls: readonly TurnCall[]): TurnCall[] {
  const agentIds = new Set(
    calls.filter(({ call }) => call.operation === 'invoke_agent').map(({ call }) => call.spanId),
  );
  if (agentIds.size === 0) return [...calls];
  return calls.filter(
    ({ call, ancestors }) =>
      hasContent(call) || !ancestors.some((span) => agentIds.has(span.spanContext().spanId)),
  );
}

function addTo(draft: TurnDraft, call: TurnCall, agent: SpanLike | undefined): void {
  draft.calls.push(call);
  if (agent) draft.agents.add(agent);
  else draft.hasCallOutsideAgents = true;
}

function kindOf(root: SpanLike | undefined): RootKind {
  if (!root || roleOf(root) === 'llm') return 'whole';
  return isRequest(root) ? 'request' : 'plain';
}

/** Returns whether `call`, which has the outermost agent `agent`, belongs to a draft. */
function belongsTo(
  { calls, agents, hasCallOutsideAgents }: TurnDraft,
  call: TurnCall,
  agent: SpanLike | undefined,
  kind: RootKind,
): boolean {
  if (kind === 'whole' || (agent && agents.has(agent))) return true;
  if (kind === 'request')
    return (!agent && hasCallOutsideAgents) || calls.some((other) => haveSameQuestion(call, other));
  if (!agent && agents.size === 0) {
    return call.question
      ? calls.some((other) => haveSameQuestion(call, other) && call.question?.count === other.question?.count)
      : calls.some((other) => areOfSameThread(call, other));
  }
  // A hand-over to another agent, or another attempt: one begins after the other ended without an answer.
  const last = lastToEnd(calls);
  return (
    !isAnswered(calls) &&
    last !== undefined &&
    last.call.endTimeMs <= call.call.startTimeMs + CLOCK_STEP_MS &&
    calls.some((other) => haveSameQuestion(call, other))
  );
}

function haveSameQuestion(a: TurnCall, b: TurnCall): boolean {
  return a.question !== undefined && a.question.text === b.question?.text && areOfSameThread(a, b);
}

function areOfSameThread({ call: a }: TurnCall, { call: b }: TurnCall): boolean {
  return a.threadId === undefined || b.threadId === undefined || a.threadId === b.threadId;
}

/** Completes a draft. Adds the id of the turn to `takenIds`. */
function toGroup(
  { calls, agents }: TurnDraft,
  root: SpanLike | undefined,
  kind: RootKind,
  takenIds: Set<string>,
): TurnGroup {
  const [first] = calls;
  const firstId = recordId(first.call);
  const isAgentAlone = first.call.operation === 'invoke_agent' && agents.size === 0;
  const outermostAgent = first.ancestors.findLast((span) => isTurnScope(span));
  const scope = kind === 'whole' ? root : (outermostAgent ?? (isAgentAlone ? undefined : root));
  const scopeId = scope ? recordId(scope.spanContext()) : firstId;
  const id = takenIds.has(scopeId) ? firstId : scopeId;
  takenIds.add(id);
  const waitsForRoot = kind !== 'plain' || agents.size === 0 || !isAnswered(calls);
  return { id, calls, waitsFor: [...agents, ...(root && waitsForRoot ? [root] : [])] };
}

/** Returns the id of a call's local root, the topmost span of this process above it. Without one: the id of the call. */
export function rootKeyOf({ call, ancestors }: Pick<TurnCall, 'call' | 'ancestors'>): string {
  const root = ancestors.at(-1);
  return recordId(root ? root.spanContext() : call);
}

/** Returns whether the call that ended last is an answer: it did not fail and calls no tool. `calls` must be sorted by start. */
export function isAnswered(calls: readonly Pick<TurnCall, 'call' | 'ancestors'>[]): boolean {
  const last = lastToEnd(calls);
  const [first] = last?.call.outputMessages ?? [];
  return !last?.call.error && first !== undefined && toolCallsOf(first).length === 0;
}

/**
 * Returns the call that ended last. `calls` must be sorted by start. Ends within CLOCK_STEP_MS are a tie; the later start wins. A call
 * that only calls tools, and encloses another call, comes before that: it handed over to another agent.
 */
export function lastToEnd<T extends Pick<TurnCall, 'call' | 'ancestors'>>(
  calls: readonly T[],
): T | undefined {
  let last: T | undefined;
  for (const call of calls)
    if (!last || call.call.endTimeMs >= last.call.endTimeMs - CLOCK_STEP_MS || handsOverTo(last, call))
      last = call;
  return last;
}

function handsOverTo({ call }: Pick<TurnCall, 'call'>, { ancestors }: Pick<TurnCall, 'ancestors'>): boolean {
  const [message] = call.outputMessages;
  if (message && textOf(message, '') !== '') return false;
  return ancestors.some((span) => span.spanContext().spanId === call.spanId);
}

function byStart({ call: a }: TurnCall, { call: b }: TurnCall): number {
  const difference = a.startTimeMs - b.startTimeMs;
  return Math.abs(difference) <= CLOCK_STEP_MS ? 0 : difference;
}
