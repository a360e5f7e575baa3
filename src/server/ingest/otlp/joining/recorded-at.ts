import { byEnd, roleIn, type BufferedSpan } from './buffered-span.js';
import type { CallGroups } from './call-groups.js';
import type { JoiningState } from './joining-state.js';

/**
 * Returns the span of the record that a span is part of: of the call at or above it, else of the last call below it. `chain` is the span
 * and those above it, nearest first.
 */
export function recordedAt(
  chain: readonly BufferedSpan[],
  { spans, groups }: Pick<JoiningState, 'spans' | 'groups'>,
): BufferedSpan | undefined {
  const call = chain.find((span) => roleIn(span) === 'llm');
  if (call) {
    if (groups.placeOf(call).isFinal) return call;
    const { recorded } = groups.placeOf(groups.rootOf(call));
    return recorded.find((span) => chain.includes(span)) ?? recorded.at(-1);
  }
  const [top] = chain;
  if (!top) return undefined;
  const agent = chain.find((span) => recordedWith(span, groups).length > 0);
  if (agent) return recordedWith(agent, groups).at(-1);
  const tree = new Set<BufferedSpan>();
  spans.collectTree(top, tree);
  return [...tree]
    .filter((span) => groups.find(span)?.isFinal === true)
    .sort(byEnd)
    .at(-1);
}

/** Returns the spans of the calls that an agent became alone or with others. */
function recordedWith(span: BufferedSpan, groups: CallGroups): readonly BufferedSpan[] {
  return roleIn(span) === 'agent' ? (groups.find(groups.rootOf(span))?.recorded ?? []) : [];
}
