import type { StoredDocument } from '../../engines/document-store.js';
import { ApiError } from './api-error.js';
import { deleteDocument, getDocument } from './api.js';

/** Statuses of a change of a version that is no longer stored: it was changed, or deleted. */
const [NOT_FOUND, CHANGED] = [404, 412];
/** Times that a change is made again after others. */
const MERGE_ATTEMPTS = 5;
const CHANGED_MEANWHILE = 'Somebody else has changed it meanwhile';

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

  /** 0 if there was none. */
  get version(): number {
    return this.#seen.version;
  }

  /** Makes a change that contradicts no other one: after a conflict it is made again, of what is stored then. @throws ApiError */
  async merge(work: (version: number, value: unknown) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt++)
      try {
        await work(this.#seen.version, this.#value);
        return;
      } catch (error) {
        conflictOf(error);
        if (attempt === MERGE_ATTEMPTS) throw error;
        await this.#look(this.#seen.name);
      }
  }

  /**
   * Makes a change by the version that was seen. After a conflict, the next attempt replaces what the message says.
   *
   * @param name that of a new document, which its editor types
   * @throws ApiError with a sentence for the editor
   */
  async change(work: (version: number) => Promise<void>, name = this.#seen.name): Promise<void> {
    const isNew = this.#seen.name !== name;
    try {
      await work(isNew ? 0 : this.#seen.version);
    } catch (error) {
      const status = conflictOf(error);
      const stored = await this.#look(name);
      if (!stored)
        throw new ApiError('Somebody else has deleted it meanwhile. Do it again to store it.', status);
      const past = isNew ? 'There is one of this name already' : CHANGED_MEANWHILE;
      throw new ApiError(`${past}. ${this.#now(stored)} Do it again to replace that.`, status);
    }
  }

  /** Deletes the version that was seen. It is no failure if somebody else has deleted it. @throws ApiError as {@link change} does */
  async remove(): Promise<void> {
    const { name, version } = this.#seen;
    try {
      if (version > 0) await deleteDocument(this.#kind, name, version);
    } catch (error) {
      const status = conflictOf(error);
      const stored = await this.#look(name);
      if (stored)
        throw new ApiError(`${CHANGED_MEANWHILE}. ${this.#now(stored)} Do it again to delete that.`, status);
    }
  }

  #now({ value }: StoredDocument): string {
    return `It is now: ${this.#textOf(value)}.`;
  }

  async #look(name: string): Promise<StoredDocument | undefined> {
    const stored = await getDocument(this.#kind, name);
    this.#seen = { name, version: stored?.version ?? 0 };
    this.#value = stored?.value;
    return stored;
  }
}

/** Returns the status of a conflict. @throws the error itself if it is none */
function conflictOf(error: unknown): number {
  if (error instanceof ApiError && (error.status === CHANGED || error.status === NOT_FOUND))
    return error.status;
  throw error;
}
