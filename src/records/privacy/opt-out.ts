import type { ContextIdentity } from '../../common/context-identity.js';
import type { SpanLike } from '../../reading/model/span-like.js';
import { ATTR_TRUBRICS_RECORD } from '../../common/semconv.js';

/**
 * Returns whether a call must not be recorded: `trubrics.record` is false on its span or on a span above it, or `withTrubrics({ record: false })`
 * was active at its start. Any value but true means false. The nearest span with the attribute decides; the context counts only if no span has it.
 */
export function isOptedOut(
  span: SpanLike,
  ancestors: readonly SpanLike[],
  contextIdentity: Pick<ContextIdentity, 'record'> | undefined,
): boolean {
  for (const { attributes } of [span, ...ancestors]) {
    const isRecorded = attributes[ATTR_TRUBRICS_RECORD];
    // A value that is no boolean, such as "false" or 0, was meant to say something: fail safe.
    if (isRecorded !== undefined && isRecorded !== null) return isRecorded !== true;
  }
  return contextIdentity?.record === false;
}
