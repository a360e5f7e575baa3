import type { LlmCall } from '../model/llm-call.js';
import { hasContent, mergeCalls } from './merge-calls.js';

/**
 * One call out of the LLM spans of one call: the outermost that has content, filled from those below it. When the outer one has
 * none, the one below it that succeeded is filled from it; several stand for themselves.
 *
 * `inner` are calls below `outer` with no tool or agent between, in the order in which they ended. Several are attempts of the
 * same call: the last that succeeded fills.
 */
export function collapseNested(outer: LlmCall, inner: readonly LlmCall[]): readonly LlmCall[] {
  const succeeded = inner.filter((call) => !call.error);
  const filler = succeeded.at(-1) ?? inner.at(-1);
  if (!filler) return [outer];
  if (hasContent(outer)) return [mergeCalls(outer, filler)];
  if (inner.length > 1 && succeeded.length !== 1) return inner;
  // Only the inner span has the text, yet the outer one may know what it does not: tokens, parameters, that it failed in the end.
  return [{ ...mergeCalls(filler, outer), ...(outer.error && { error: outer.error }) }];
}
