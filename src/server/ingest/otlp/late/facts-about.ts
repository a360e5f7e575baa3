import { firstUserAndThread } from '../../../../common/context-identity.js';
import { asText } from '../../../../common/unknown-values.js';
import { readIdentity } from '../../../../reading/fields/identity.js';
import { isOptedOut } from '../../../../records/privacy/opt-out.js';
import type { LateFact } from '../../complete-record.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import type { TraceBuffer } from '../joining/trace-buffer.js';

/**
 * Returns what the spans above a record say. If its parent is not known, only the root counts: no other span is above the record for
 * certain.
 */
export function factsAbout(
  { properties }: StoredRecord,
  traces: Pick<TraceBuffer, 'spansAbove' | 'nestingBelow'>,
): LateFact | undefined {
  const [traceId, parentId] = [asText(properties['trace_id']), asText(properties['parent_span_id'])];
  if (traceId === undefined || parentId === undefined) return undefined;
  const [nearest, ...above] = traces.spansAbove(traceId, parentId);
  if (!nearest) return undefined;
  return {
    ...firstUserAndThread([nearest, ...above].map(({ attributes }) => readIdentity(attributes))),
    isOptedOut: isOptedOut({ span: nearest, ancestors: above }),
    ...traces.nestingBelow(traceId, parentId),
  };
}
