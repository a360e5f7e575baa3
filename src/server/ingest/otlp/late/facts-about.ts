import { firstUserAndThread } from '../../../../common/context-identity.js';
import { asText } from '../../../../common/unknown-values.js';
import { readIdentity } from '../../../../reading/fields/identity.js';
import type { SpanLike } from '../../../../reading/model/span-like.js';
import { isOptedOut } from '../../../../records/privacy/opt-out.js';
import type { LateFact } from '../../complete-record.js';
import type { StoredRecord } from '../../../model/stored-record.js';

/**
 * Returns what the spans above a record say. `spansAbove` returns the known spans from a parent up, nearest first. If the parent is not known,
 * it returns the root alone: no other span is above the record for certain.
 */
export function factsAbout(
  { properties }: StoredRecord,
  spansAbove: (traceId: string, parentId: string) => readonly SpanLike[],
): LateFact | undefined {
  const [traceId, parentId] = [asText(properties['trace_id']), asText(properties['parent_span_id'])];
  if (traceId === undefined || parentId === undefined) return undefined;
  const [nearest, ...above] = spansAbove(traceId, parentId);
  if (!nearest) return undefined;
  return {
    ...firstUserAndThread([nearest, ...above].map(({ attributes }) => readIdentity(attributes))),
    isOptedOut: isOptedOut({ span: nearest, ancestors: above }),
  };
}
