import type { StoredDocument } from '../../engines/document-store.js';
import { ApiError } from './api-error.js';
import { getDocument } from './api.js';

/** Statuses of a change of a version that is no longer stored: it was changed, or deleted. */
const [NOT_FOUND, CHANGED] = [404, 412];

/**
 * A document as its editor has seen it. A change replaces that version alone: whoever comes later is told what is stored now, and decides again.
 * The version is never read at the click.
 */
export class SeenDocument {
  readonly #kind: string;
  readonly #textOf: (value: unknown) => string;
  #seen: { readonly name: string; readonly version: number };
  #value: unknown;

  /**
   * @param version 0 if there was none
   * @param textOf puts a value into words
   * @param value for editors that change a part of it
   */
  constructor(
    { kind, name }: Pick<StoredDocument, 'kind' | 'name'>,
    version: number,
    textOf: (value: unknown) => string,
    value?: unknown,
  ) {
    this.#kind = kind;
    this.#textOf = textOf;
    this.#seen = { name, version };
    this.#value = value;
  }

  /** The value that was seen, or of which the editor was told. */
  get value(): unknown {
    return this.#value;
  }

  /**
   * Makes a change by the version that was seen. After a conflict, the next attempt replaces what the message says.
   *
   * @param name that of a new document, which its editor types
   * @throws ApiError with a sentence for the editor
   */
  async change(work: (version: number) => Promise<void>, name = this.#seen.name): Promise<void> {
    const version = this.#seen.name === name ? this.#seen.version : 0;
    try {
      await work(version);
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== CHANGED && error.status !== NOT_FOUND))
        throw error;
      const stored = await getDocument(this.#kind, name);
      this.#seen = { name, version: stored?.version ?? 0 };
      this.#value = stored?.value;
      throw new ApiError(this.#sentence(stored), error.status);
    }
  }

  #sentence(stored: StoredDocument | undefined): string {
    if (!stored) return 'Somebody else has deleted it meanwhile.';
    return `Somebody else has changed it meanwhile. It is now: ${this.#textOf(stored.value)}. Do it again to replace that.`;
  }
}
