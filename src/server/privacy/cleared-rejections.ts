import type { DocumentStore } from '../engines/document-store.js';
import type { Rejection, Rejections } from '../model/intake/rejections.js';

const KIND = 'rejections';
const NAME = 'cleared';

/**
 * Refused requests show the beginnings of refused texts, and do not say whose. When somebody is forgotten, they go, on every server over
 * the store: each of them keeps its own.
 */
export class ClearedRejections {
  readonly #documents: DocumentStore;
  readonly #rejections: Rejections;

  constructor(documents: DocumentStore, rejections: Rejections) {
    this.#documents = documents;
    this.#rejections = rejections;
  }

  async clear(): Promise<void> {
    this.#rejections.clear();
    await this.#documents.put({ kind: KIND, name: NAME, value: new Date().toISOString() });
  }

  /** Returns the refused requests that no server has cleared. Forgets those that another one has. */
  async list(): Promise<readonly Rejection[]> {
    const clearedAt = (await this.#documents.get(KIND, NAME))?.value;
    if (typeof clearedAt === 'string') this.#rejections.clear(clearedAt);
    return this.#rejections.list();
  }
}
