import type { RecognisedSpan } from '../dialects/recognise.js';
import type { LlmCall } from '../model/llm-call.js';
import type { SpanLike } from '../model/span-like.js';
import { commonModel, readAgentCall, withModel, type CallModel } from './agent-call.js';
import type { LocatedCall } from './located-call.js';
import { mergeCalls } from './merge-calls.js';
import { ancestorsInBatch, type SpanBatch } from './span-batch.js';

/** Treatment of agent spans without a call below them. */
export interface AgentOptions {
  /** A call that it refuses is left out before anything is merged. Default: admits all. */
  readonly admits?: (call: Pick<LocatedCall, 'span' | 'ancestors'>) => boolean;
  /** Called for each agent without question or answer, and each span that only names a model, if no LLM span is above or below. */
  readonly onNoCall?: (span: SpanLike) => void;
  /** Ids of spans that have a call below them. Pass the same set for all batches of a process: ids are added. */
  readonly idsAboveCalls?: Set<string>;
}

/**
 * Reads the agent spans below which no call was recorded. Of nested ones, the outermost with question and answer is the call, completed
 * from the last one below it. `emptySpans` are LLM spans without content, whose calls are not recorded, with these calls.
 */
export function locateAgentCalls(
  batch: SpanBatch,
  emptySpans: ReadonlyMap<SpanLike, LlmCall>,
  { admits = () => true, onNoCall, idsAboveCalls = new Set() }: AgentOptions,
): readonly LocatedCall[] {
  const spansAboveLlm = addIdsAboveCalls(batch, emptySpans, idsAboveCalls);
  const roleIn = (span: SpanLike) => batch.recognised.get(span)?.role;
  const isOpen = (span: SpanLike) => !idsAboveCalls.has(span.spanContext().spanId);
  const agents = batch.spans
    .filter((span) => roleIn(span) === 'agent' && isOpen(span))
    .map((span) => ({
      span,
      recognised: batch.recognised.get(span),
      ancestors: ancestorsInBatch(span, batch),
    }));
  const models = new Map<SpanLike, CallModel>();
  for (const [span, call] of emptySpans)
    for (const above of ancestorsInBatch(span, batch))
      models.set(above, commonModel(models.get(above), call));
  const { calls, withoutCall } = collapseAgents(agents, admits, (agent) => models.get(agent));
  for (const span of withoutCall) if (!spansAboveLlm.has(span)) onNoCall?.(span);
  for (const span of batch.spans) {
    if (roleIn(span) !== 'unclear' || spansAboveLlm.has(span)) continue;
    const isPart = ancestorsInBatch(span, batch).some((above) =>
      /^(?:llm|unclear)$/.test(roleIn(above) ?? ''),
    );
    if (!isPart) onNoCall?.(span);
  }
  return calls;
}

/** An agent span below which no call was recorded. */
export interface AgentSpan {
  readonly span: SpanLike;
  readonly recognised: RecognisedSpan | undefined;
  /** Nearest first. */
  readonly ancestors: readonly SpanLike[];
}

/**
 * Makes the calls of agents. Of nested ones, the outermost with question and answer is the call, completed from those below it. `withoutCall`
 * are those that are no call themselves and have none below them. `modelBelow` returns the model of the calls without content below an agent.
 */
export function collapseAgents(
  agents: readonly AgentSpan[],
  admits: (call: Pick<LocatedCall, 'span' | 'ancestors'>) => boolean,
  modelBelow: (agent: SpanLike) => CallModel | undefined,
): { readonly calls: readonly LocatedCall[]; readonly withoutCall: readonly SpanLike[] } {
  const calls = new Map<SpanLike, LocatedCall>();
  const withoutCall: SpanLike[] = [];
  const outermostFirst = agents.toSorted((a, b) => a.ancestors.length - b.ancestors.length);
  for (const { span, recognised, ancestors } of outermostFirst) {
    const read = recognised && readAgentCall(span, recognised, ancestors);
    const call = read && withModel(read, modelBelow(span));
    const outer = ancestors.find((ancestor) => calls.has(ancestor));
    const outerCall = outer && calls.get(outer);
    if (!call) withoutCall.push(span);
    else if (outer && outerCall) calls.set(outer, { ...outerCall, call: mergeCalls(outerCall.call, call) });
    else if (admits({ span, ancestors })) calls.set(span, { call, span, ancestors });
  }
  const spansAboveCalls = new Set([...calls.values()].flatMap(({ ancestors }) => ancestors));
  return {
    calls: [...calls.values()],
    withoutCall: withoutCall.filter((span) => !spansAboveCalls.has(span)),
  };
}

/** Adds the ids of spans above recorded calls to `ids`. Returns all spans of the batch that are above an LLM span. */
function addIdsAboveCalls(
  batch: SpanBatch,
  emptySpans: ReadonlyMap<SpanLike, LlmCall>,
  ids: Set<string>,
): ReadonlySet<SpanLike> {
  const spansAboveLlm = new Set<SpanLike>();
  for (const span of batch.spans) {
    const isLlm = batch.recognised.get(span)?.role === 'llm';
    const isAbove = ids.has(span.spanContext().spanId);
    if (!isLlm && !isAbove) continue;
    const chain = [span, ...ancestorsInBatch(span, batch)];
    for (const above of chain.slice(1)) spansAboveLlm.add(above);
    if (isLlm && emptySpans.has(span)) continue;
    for (const one of chain) {
      const parentId = batch.parentIds.get(one);
      if (parentId !== undefined) ids.add(parentId);
    }
  }
  return spansAboveLlm;
}
