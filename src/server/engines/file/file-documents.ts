import type { DocumentStore, NewDocument, StoredDocument } from '../document-store.js';
import type { MemoryDocuments } from '../memory/memory-documents.js';
import type { DocumentDeletion, DocumentLine } from './parse-line.js';

/** {@link MemoryDocuments} whose changes are written before they show. One at a time, so that versions are compared with the latest. */
export class FileDocuments implements DocumentStore {
  readonly #memory: MemoryDocuments;
  readonly #append: (line: DocumentLine | DocumentDeletion) => Promise<void>;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(memory: MemoryDocuments, append: (line: DocumentLine | DocumentDeletion) => Promise<void>) {
    this.#memory = memory;
    this.#append = append;
  }

  put(given: NewDocument, expected?: number): Promise<StoredDocument> {
    return this.#inTurn(async () => {
      const document = this.#memory.prepare(given, expected);
      await this.#append({ document });
      this.#memory.restore(document);
      return document;
    });
  }

  get(kind: string, name: string): Promise<StoredDocument | undefined> {
    return this.#memory.get(kind, name);
  }

  list(kind: string): Promise<readonly StoredDocument[]> {
    return this.#memory.list(kind);
  }

  count(kind: string): Promise<number> {
    return this.#memory.count(kind);
  }

  delete(kind: string, name: string, expected?: number): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#memory.mayDelete(kind, name, expected)) return false;
      await this.#append({ deletedDocument: { kind, name } });
      this.#memory.drop(kind, name);
      return true;
    });
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}
