import type { PropertyValue } from '../../records/model/prompt-record.js';
import { VersionConflictError, type DocumentStore, type StoredDocument } from '../engines/document-store.js';
import type { RecordStore } from '../engines/record-store.js';
import { ALERT_KIND } from '../insights/alerts/alert-documents.js';

/** Kinds of documents whose name is the id of a record, a conversation or a person. */
export const KINDS_NAMED_BY_ID = ['state', 'note'] as const;
/** Kinds of documents that list records, with their texts, or people. */
const KINDS_WITH_RECORDS = ['dataset', ALERT_KIND] as const;
/** Fields by which an item names a record: `id`, `recordId`, `record_id` and so on. Elsewhere, a text that is an id is so by chance. */
const ID_FIELD = /id$/i;
/** Fields by which an item names a person. */
const PERSON_FIELDS = ['userId', 'user_id', 'user'] as const;
/** Times that a document is read again because somebody has changed it meanwhile. */
const ATTEMPTS = 5;

/** Erased records and people, of which documents must keep nothing. */
export interface ErasedSubjects {
  readonly users: ReadonlySet<string>;
  /** Ids of records. */
  readonly ids: ReadonlySet<string>;
  /** Conversations of these records. */
  readonly threads: ReadonlySet<string>;
}

/**
 * Deletes notes and states about people and records, and takes records out of data sets. A note about a conversation goes if nothing else of it
 * is left. Call it before the records are erased, which is when the earlier versions leave the file.
 */
export async function eraseDocuments(store: RecordStore, subjects: ErasedSubjects): Promise<void> {
  const { documents } = store;
  for (const kind of KINDS_NAMED_BY_ID)
    for (const document of await documents.list(kind))
      if ((await leftOf(store, document, subjects)) === undefined)
        await documents.delete(kind, document.name);
  for (const kind of KINDS_WITH_RECORDS)
    for (const document of await documents.list(kind))
      await takeOut(documents, document, (item) => isOf(item, subjects));
}

/** Returns what {@link eraseDocuments} leaves of a document; undefined if nothing. */
export async function leftOf(
  store: RecordStore,
  { kind, name, value }: StoredDocument,
  subjects: ErasedSubjects,
): Promise<PropertyValue | undefined> {
  if (isOneOf(KINDS_NAMED_BY_ID, kind))
    return isOfPerson(value, subjects) || (await isAbout(store, name, subjects)) ? undefined : value;
  return isOneOf(KINDS_WITH_RECORDS, kind) ? without(value, (item) => isOf(item, subjects)) : value;
}

/** Deletes what documents know of any record: all notes and states, and the records of data sets. */
export async function eraseAllDocuments(documents: DocumentStore): Promise<void> {
  for (const kind of KINDS_NAMED_BY_ID)
    for (const { name } of await documents.list(kind)) await documents.delete(kind, name);
  for (const kind of KINDS_WITH_RECORDS)
    for (const document of await documents.list(kind)) await takeOut(documents, document, isOfAnyRecord);
}

async function isAbout(
  store: RecordStore,
  name: string,
  { users, ids, threads }: ErasedSubjects,
): Promise<boolean> {
  if (users.has(name) || ids.has(name)) return true;
  if (!threads.has(name)) return false;
  const { total } = await store.list({ threads: [name], not: [{ ids: [...ids] }] }, { limit: 1 });
  return total === 0;
}

async function takeOut(
  documents: DocumentStore,
  { kind, name }: StoredDocument,
  isErased: (item: PropertyValue) => boolean,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const stored = await documents.get(kind, name);
    const value = stored && without(stored.value, isErased);
    if (!stored || value === undefined || value === stored.value) return;
    try {
      await documents.put({ kind, name, value }, stored.version);
      return;
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Returns a value without the items of lists that are of erased records or people; the same value if there are none. */
function without(value: PropertyValue, isErased: (item: PropertyValue) => boolean): PropertyValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const kept = value.filter((item) => !isErased(item)).map((item) => without(item, isErased));
    return kept.length === value.length && kept.every((item, index) => item === value[index]) ? value : kept;
  }
  const fields = Object.entries(value as Readonly<Record<string, PropertyValue>>);
  const kept = fields.map(([name, field]) => [name, without(field, isErased)] as const);
  return kept.every(([, field], index) => field === fields[index]?.[1]) ? value : Object.fromEntries(kept);
}

/** Items are ids, or objects with an id, or the user, among their fields. */
function isOf(item: PropertyValue, { users, ids }: ErasedSubjects): boolean {
  if (typeof item === 'string') return ids.has(item);
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return false;
  const fields = item as Readonly<Record<string, PropertyValue>>;
  return (
    Object.entries(fields).some(([name, field]) => ID_FIELD.test(name) && has(ids, field)) ||
    PERSON_FIELDS.some((name) => has(users, fields[name]))
  );
}

/** The value itself names a person. */
function isOfPerson(value: PropertyValue, { users }: ErasedSubjects): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = value as Readonly<Record<string, PropertyValue>>;
  return PERSON_FIELDS.some((name) => has(users, fields[name]));
}

/** Items are ids, or objects with an id among their fields. */
function isOfAnyRecord(item: PropertyValue): boolean {
  if (typeof item === 'string') return true;
  return (
    typeof item === 'object' &&
    item !== null &&
    !Array.isArray(item) &&
    Object.entries(item).some(([name, field]) => ID_FIELD.test(name) && typeof field === 'string')
  );
}

function has(set: ReadonlySet<string>, field: PropertyValue | undefined): boolean {
  return typeof field === 'string' && set.has(field);
}

function isOneOf(kinds: readonly string[], kind: string): boolean {
  return kinds.includes(kind);
}
