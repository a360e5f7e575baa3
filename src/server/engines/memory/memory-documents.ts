import {
  NOT_STORED,
  VersionConflictError,
  type DocumentStore,
  type NewDocument,
  type StoredDocument,
} from '../document-store.js';

/** Documents in memory. As in the engine of the records, the work is done before a method returns. */
export class MemoryDocuments implements DocumentStore {
  /** By kind, then by name. */
  readonly #kinds = new Map<string, Map<string, StoredDocument>>();
  #latestVersion = 0;

  async put(document: NewDocument, expected?: number): Promise<StoredDocument> {
    const stored = this.prepare(document, expected);
    this.restore(stored);
    return stored;
  }

  get(kind: string, name: string): Promise<StoredDocument | undefined> {
    return Promise.resolve(this.#find(kind, name));
  }

  list(kind: string): Promise<readonly StoredDocument[]> {
    const documents = [...(this.#kinds.get(kind)?.values() ?? [])];
    return Promise.resolve(documents.sort((a, b) => (a.name < b.name ? -1 : 1)));
  }

  count(kind: string): Promise<number> {
    return Promise.resolve(this.#kinds.get(kind)?.size ?? 0);
  }

  async delete(kind: string, name: string, expected?: number): Promise<boolean> {
    if (!this.mayDelete(kind, name, expected)) return false;
    this.drop(kind, name);
    return true;
  }

  /** Returns the document as it is to be stored, with its next version. @throws VersionConflictError */
  prepare(document: NewDocument, expected?: number): StoredDocument {
    this.#check(document, expected);
    const now = Date.now();
    // The time, so that a version is not used again after the document was deleted and the file was rewritten.
    const version = Math.max(now, this.#latestVersion + 1);
    const { kind, name, value } = document;
    return { kind, name, value: structuredClone(value), version, updatedAt: new Date(now).toISOString() };
  }

  /** Stores a document as it is. */
  restore(document: StoredDocument): void {
    const names = this.#kinds.get(document.kind) ?? new Map<string, StoredDocument>();
    this.#kinds.set(document.kind, names);
    names.set(document.name, document);
    this.#latestVersion = Math.max(this.#latestVersion, document.version);
  }

  /** Returns false if there is no such document. @throws VersionConflictError */
  mayDelete(kind: string, name: string, expected?: number): boolean {
    this.#check({ kind, name }, expected);
    return this.#find(kind, name) !== undefined;
  }

  drop(kind: string, name: string): void {
    this.#kinds.get(kind)?.delete(name);
  }

  get size(): number {
    let size = 0;
    for (const names of this.#kinds.values()) size += names.size;
    return size;
  }

  *all(): Iterable<StoredDocument> {
    for (const names of this.#kinds.values()) yield* names.values();
  }

  #find(kind: string, name: string): StoredDocument | undefined {
    return this.#kinds.get(kind)?.get(name);
  }

  #check(document: Pick<NewDocument, 'kind' | 'name'>, expected: number | undefined): void {
    const stored = this.#find(document.kind, document.name)?.version ?? NOT_STORED;
    if (expected !== undefined && expected !== stored) throw new VersionConflictError(document, stored);
  }
}
