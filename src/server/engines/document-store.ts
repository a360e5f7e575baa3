import type { PropertyValue } from '../../records/model/prompt-record.js';

/** A small document beside the records, for instance a saved view or an entry of the audit log. */
export interface NewDocument {
  /** Groups documents that are listed together, for instance `view`. */
  readonly kind: string;
  /** Unique within the kind. */
  readonly name: string;
  /** Any JSON value. */
  readonly value: PropertyValue;
}

export interface StoredDocument extends NewDocument {
  /** Larger than every earlier version of the document, also after it was deleted and written again. Its size means nothing else. */
  readonly version: number;
  /** ISO 8601 in UTC. */
  readonly updatedAt: string;
}

/** Version of a document that must not exist yet. */
export const NOT_STORED = 0;

/** A document that was changed or deleted since it was read. Read it again, then decide. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
  /** Version that is stored; {@link NOT_STORED} if there is none. */
  readonly version: number;

  constructor({ kind, name }: Pick<NewDocument, 'kind' | 'name'>, version: number) {
    super(`The document ${kind}/${name} was changed meanwhile`);
    this.version = version;
  }
}

/** Documents by kind and name. Deleting all records leaves them. Every engine keeps them as safe as its records. */
export interface DocumentStore {
  /**
   * Creates or replaces a document. With `expected`, only if that is the stored version; {@link NOT_STORED}: only if there is none.
   *
   * @throws VersionConflictError
   */
  put(document: NewDocument, expected?: number): Promise<StoredDocument>;
  get(kind: string, name: string): Promise<StoredDocument | undefined>;
  /** Returns all documents of a kind, by ascending name (order of UTF-16 code units). */
  list(kind: string): Promise<readonly StoredDocument[]>;
  /** Returns the number of documents of a kind. */
  count(kind: string): Promise<number>;
  /**
   * Deletes a document. Returns false if there is none. With `expected`, only if that is the stored version.
   *
   * @throws VersionConflictError
   */
  delete(kind: string, name: string, expected?: number): Promise<boolean>;
}
