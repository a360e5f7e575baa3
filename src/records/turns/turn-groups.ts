import { roleOf } from '../../reading/dialects/read-llm-call.js';
import type { LlmCall } from '../../reading/model/llm-call.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { isRequest, isTurnScope } from '../../reading/calls/turn-scope.js';
import type { Question } from './question.js';
import type { CallSurroundings } from '../calls/record-call.js';
import { toolCallsOf } from '../calls/text.js';
import { recordId } from '../../common/record-id.js';

/** A call of a turn, and where it was made. */
export interface TurnCall extends CallSurroundings {
  readonly call: LlmCall;
  readonly question: Question | undefined;
}

/** All calls that answer one user message. */
export interface TurnGroup {
  /** `traceId-spanId` of the span that stands for the turn. */
  readonly id: string;
  /** In the order in which they began; at least one. */
  readonly calls: readonly TurnCall[];
  /** The turn is over when these have ended. */
  readonly waitsFor: readonly SpanLike[];
}

/**
 * Calls → turns. Calls below one agent or workflow (the outermost counts) are one turn; so are those of one request; below any
 * other local root those that work on the same user message. A call without spans above it is a turn of its own.
 *
 * An agent that is followed by another one working on the same user message, because it handed over or failed, shares its turn.
 *
 * `taken` are ids of turns that are closed: calls that come too late make another turn.
 */
export function groupTurns(calls: readonly TurnCall[], taken: ReadonlySet<string> = new Set()): TurnGroup[] {
  const byRoot = new Map<string, TurnCall[]>();
  for (const call of calls) {
    const key = rootKeyOf(call);
    const beside = byRoot.get(key);
    if (beside) beside.push(call);
    else byRoot.set(key, [call]);
  }
  return [...byRoot.values()].flatMap((beside) => groupBelowRoot(beside, new Set(taken)));
}

/** The local root of a call: the topmost span of this process above it, else the call itself. */
export function rootKeyOf({ call, ancestors }: Pick<TurnCall, 'call' | 'ancestors'>): string {
  const root = ancestors.at(-1);
  return root ? idOf(root) : recordId(call);
}

export function idOf(span: SpanLike): string {
  return recordId(span.spanContext());
}

/** Whether the work of a group of calls ended with an answer: what ended last has text and asks for no tool. */
export function isAnswered(calls: readonly Pick<TurnCall, 'call'>[]): boolean {
  const last = lastToEnd(calls);
  const [first] = last?.call.outputMessages ?? [];
  return !last?.call.error && first !== undefined && toolCallsOf(first).length === 0;
}

/**
 * Spans start by the clock of the wall, on whole milliseconds, and end by another one that runs evenly; on a busy machine the two are
 * some milliseconds apart. Closer than this, times do not tell the order of calls: then it is that in which they arrived.
 */
const CLOCK_STEP_MS = 20;

function byStart({ call: a }: TurnCall, { call: b }: TurnCall): number {
  const difference = a.startTimeMs - b.startTimeMs;
  return Math.abs(difference) <= CLOCK_STEP_MS ? 0 : difference;
}

/** Of calls in the order in which they began. */
export function lastToEnd<T extends Pick<TurnCall, 'call'>>(calls: readonly T[]): T | undefined {
  let last: T | undefined;
  for (const call of calls)
    if (!last || call.call.endTimeMs >= last.call.endTimeMs - CLOCK_STEP_MS) last = call;
  return last;
}

/** What the calls below one root have in common: whether they are one piece of work whatever they say. */
type RootKind = 'whole' | 'request' | 'plain';

interface Gathering {
  readonly calls: TurnCall[];
  readonly agents: Set<SpanLike>;
  /** Whether a call of it is directly below the root, with no agent between. */
  hasDirect: boolean;
}

function groupBelowRoot(calls: readonly TurnCall[], taken: Set<string>): TurnGroup[] {
  const root = calls.find(({ ancestors }) => ancestors.length > 0)?.ancestors.at(-1);
  const kind = kindOf(root);
  const gatherings: Gathering[] = [];
  for (const call of [...calls].sort(byStart)) {
    const agent = call.ancestors.findLast((ancestor) => isTurnScope(ancestor));
    let gathering = gatherings.findLast((candidate) => belongs(call, agent, candidate, kind));
    if (!gathering) gatherings.push((gathering = { calls: [], agents: new Set(), hasDirect: false }));
    gathering.calls.push(call);
    if (agent) gathering.agents.add(agent);
    else gathering.hasDirect = true;
  }
  return gatherings.map((gathering) => toGroup(gathering, root, kind, taken));
}

function kindOf(root: SpanLike | undefined): RootKind {
  if (!root || roleOf(root) === 'llm') return 'whole';
  return isRequest(root) ? 'request' : 'plain';
}

function belongs(
  call: TurnCall,
  agent: SpanLike | undefined,
  { calls, agents, hasDirect }: Gathering,
  kind: RootKind,
): boolean {
  if (kind === 'whole' || (agent && agents.has(agent))) return true;
  if (kind === 'request') return (!agent && hasDirect) || calls.some((other) => asksTheSame(call, other));
  if (!agent && agents.size === 0) {
    const isSame = (other: TurnCall): boolean =>
      asksTheSame(call, other) && call.question?.count === other.question?.count;
    return call.question ? calls.some(isSame) : calls.some((other) => areOfOneThread(call, other));
  }
  // The hand-over to another agent, or another attempt: one after the other, and no answer yet.
  const last = lastToEnd(calls);
  return (
    !isAnswered(calls) &&
    last !== undefined &&
    last.call.endTimeMs <= call.call.startTimeMs + CLOCK_STEP_MS &&
    calls.some((other) => asksTheSame(call, other))
  );
}

function asksTheSame(a: TurnCall, b: TurnCall): boolean {
  return a.question !== undefined && a.question.text === b.question?.text && areOfOneThread(a, b);
}

function areOfOneThread({ call: a }: TurnCall, { call: b }: TurnCall): boolean {
  return a.threadId === undefined || b.threadId === undefined || a.threadId === b.threadId;
}

function toGroup(
  { calls, agents }: Gathering,
  root: SpanLike | undefined,
  kind: RootKind,
  taken: Set<string>,
): TurnGroup {
  const [first] = calls;
  if (!first) return { id: '', calls, waitsFor: [] };
  const own = recordId(first.call);
  const scope = kind === 'whole' ? root : (first.ancestors.findLast((span) => isTurnScope(span)) ?? root);
  const wanted = scope ? idOf(scope) : own;
  const id = taken.has(wanted) ? own : wanted;
  taken.add(id);
  const waitsForRoot = kind !== 'plain' || agents.size === 0 || !isAnswered(calls);
  return { id, calls, waitsFor: [...agents, ...(root && waitsForRoot ? [root] : [])] };
}
