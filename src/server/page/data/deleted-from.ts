import type { StoreUsage } from '../../engines/record-store.js';

/** Returns where records are deleted from, as the first half of a sentence. An engine without a limit is a database. */
export function deletedFrom(usage: StoreUsage | undefined): string {
  if (!usage) return 'They are deleted for good';
  if (usage.file !== undefined) return `They are deleted here and in the file ${usage.file}`;
  return usage.maxRecords === undefined
    ? 'They are deleted in the database, for everybody'
    : 'They are in memory only';
}
