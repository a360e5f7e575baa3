import type { AuditEntry } from '../model/privacy/audit.js';

/** Returns an audit entry as flat fields of a log line. Ids of people and records are hashes already. */
export function auditFields({
  by,
  at,
  deleted,
  forwarded,
  ...entry
}: AuditEntry): Readonly<Record<string, unknown>> {
  return {
    ...entry,
    at,
    who: by.name,
    access: by.access,
    address: by.address,
    ...deleted,
    ...(forwarded && forwarded.length > 0 && { forwarded }),
  };
}
