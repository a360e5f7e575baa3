import type { SpanLike } from '../../reading/model/span-like.js';
import { ATTR_TRUBRICS_RECORD } from '../../common/semconv.js';

/**
 * Whether a call must not be recorded: `withTrubrics({ record: false })` was active when it started, or `trubrics.record` is
 * false on its span or one above it. The nearest that says anything decides.
 */
export function isOptedOut(
  span: SpanLike,
  ancestors: readonly SpanLike[],
  contextIdentity: { readonly record?: boolean } | undefined,
): boolean {
  for (const { attributes } of [span, ...ancestors]) {
    const said = attributes[ATTR_TRUBRICS_RECORD];
    if (typeof said === 'boolean') return !said;
  }
  return contextIdentity?.record === false;
}
