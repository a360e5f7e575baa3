import type { Requester } from '../../model/privacy/audit.js';
import type { AuditLog, Subject } from '../../privacy/audit-log.js';
import { isEmptyQuery, type RecordQuery } from '../../query/record-query.js';

/** Returns chunks of so many records, and notes their export in the audit log: when it begins, and how many records it had sent when it ended or was cut off. */
export async function auditedExport<Chunk extends { readonly length: number }>(
  audit: AuditLog,
  by: Requester,
  subject: Subject,
  chunks: AsyncIterable<Chunk>,
): Promise<AsyncGenerator<Chunk, void>> {
  const entry = await audit.begin('export', by, subject);
  return (async function* () {
    let [exported, isWhole] = [0, false];
    try {
      for await (const chunk of chunks) {
        exported += chunk.length;
        yield chunk;
      }
      isWhole = true;
    } finally {
      await (isWhole ? entry.succeed({ exported }) : entry.fail()).catch(() => undefined);
    }
  })();
}

/** An export of one person can be looked up by the person. */
export function subjectOf({ users, ...others }: RecordQuery): Subject {
  const [person] = users ?? [];
  return person !== undefined && users?.length === 1 && isEmptyQuery(others) ? { person } : {};
}
