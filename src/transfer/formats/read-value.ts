import { isRecord } from '../../common/unknown-values.js';
import type { ReadContext, ReadRecord } from './read-record.js';
import { isStoredRecord, readStored } from './read-stored.js';
import { isSdkItem, readSdkItem } from './read-sdk.js';
import { isPlatformPrompt, readPlatformPrompt } from './read-platform.js';

/** Returns true if a value is a record in one of the forms that {@link readValue} knows. */
export function isReadable(value: unknown): boolean {
  return isStoredRecord(value) || isSdkItem(value) || isPlatformPrompt(value);
}

/**
 * Reads one record: of an export or of the file of `dev`, of a file that `jsonlFile()` wrote, an item as an SDK of Trubrics sends it, or a prompt
 * of the first platform.
 */
export function readValue(value: unknown, context: ReadContext): ReadRecord {
  if (isStoredRecord(value)) return readStored(value, context);
  if (isSdkItem(value)) return readSdkItem(value, context);
  if (isPlatformPrompt(value)) return readPlatformPrompt(value, context);
  return isDeletionOrDocument(value) ? { reason: 'other_line' } : { reason: 'not_recognised' };
}

/** Returns true for lines of the file of `dev` that are no records. */
export function isDeletionOrDocument(value: unknown): boolean {
  return (
    isRecord(value) && ['removed', 'erased', 'document', 'deletedDocument'].some((name) => name in value)
  );
}
