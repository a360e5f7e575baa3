import type { LlmCall } from './llm-call.js';
import { hasContent, mergeCalls } from './merge-calls.js';

/**
 * One call out of the LLM spans of one call: the outermost that has content, filled from those below it. When the outer one has
 * none, those below it stand for themselves.
 *
 * `inner` are calls below `outer` with no tool or agent between, in the order in which they ended. Several are attempts of the
 * same call: the last that succeeded fills.
 */
export function collapseNested(outer: LlmCall, inner: readonly LlmCall[]): readonly LlmCall[] {
  const filler = inner.findLast((call) => !call.error) ?? inner.at(-1);
  if (!filler) return [outer];
  return hasContent(outer) ? [mergeCalls(outer, filler)] : inner;
}
