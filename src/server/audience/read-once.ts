import type { DocumentStore } from '../engines/document-store.js';

/** A {@link DocumentStore} for those who only read. */
export type DocumentReader = Pick<DocumentStore, 'get' | 'list'>;

/** Returns a reader for one answer: it reads a document once, so that all parts of the answer follow the same version of it. */
export function readOnce(documents: DocumentReader): DocumentReader {
  const read = new Map<string, ReturnType<DocumentReader['get']>>();
  return {
    list: (kind) => documents.list(kind),
    get(kind, name) {
      const key = JSON.stringify([kind, name]);
      const document = read.get(key) ?? documents.get(kind, name);
      read.set(key, document);
      return document;
    },
  };
}
