import type { PropertyValue } from '../../records/model/prompt-record.js';
import {
  NOT_STORED,
  VersionConflictError,
  type DocumentStore,
  type NewDocument,
  type StoredDocument,
} from '../engines/document-store.js';
import type { Requester } from '../model/privacy/audit.js';
import type { DocumentKind } from '../model/privacy/document-kinds.js';
import type { AuditLog } from '../privacy/audit-log.js';
import { BadQueryError } from '../query/parse-query.js';
import { checkKind, checkName, checkValue, DocumentRefusedError, MAX_DOCUMENTS } from './check-document.js';
import { documentSubject } from './document-subject.js';

/** Read values of a kind, and throw a BadQueryError for what they cannot read. */
export type ValueChecks = Readonly<
  Partial<Record<DocumentKind, (name: string, value: PropertyValue) => unknown>>
>;

/** A document as it is stored, and whether there was none of this name before. */
export interface PutDocument {
  readonly document: StoredDocument;
  readonly isNew: boolean;
}

type DocumentKey = Pick<NewDocument, 'kind' | 'name'>;

export interface DocumentEditorOptions {
  readonly checks?: ValueChecks;
  /** Called after each change. */
  readonly onChange?: (document: DocumentKey) => void;
}

/** Reads and changes documents for people: of the kinds that they may change, within limits, with an entry in the audit log for each change. */
export class DocumentEditor {
  readonly #documents: DocumentStore;
  readonly #audit: AuditLog;
  readonly #checks: ValueChecks;
  readonly #onChange: (document: DocumentKey) => void;

  constructor(documents: DocumentStore, audit: AuditLog, options: DocumentEditorOptions = {}) {
    this.#documents = documents;
    this.#audit = audit;
    this.#checks = options.checks ?? {};
    this.#onChange = options.onChange ?? (() => undefined);
  }

  /** Returns all documents of a kind, by name. @throws DocumentRefusedError */
  async list(kind: string): Promise<readonly StoredDocument[]> {
    return this.#documents.list(checkKind(kind));
  }

  /** @throws DocumentRefusedError */
  async get(kind: string, name: string): Promise<StoredDocument | undefined> {
    return this.#documents.get(checkKind(kind), checkName(name));
  }

  /**
   * Creates or replaces a document. With `expected`, only if that is the stored version; `NOT_STORED`: only if there is none.
   *
   * @throws DocumentRefusedError
   * @throws VersionConflictError
   */
  async put({ kind, name, value }: NewDocument, by: Requester, expected?: number): Promise<PutDocument> {
    const known = checkKind(kind);
    const subject = documentSubject(known, checkName(name));
    checkValue(known, value);
    this.#check(known, name, value);
    const stored = await this.#read(kind, name, expected);
    if (!stored && (await this.#documents.count(kind)) >= MAX_DOCUMENTS)
      throw new DocumentRefusedError(
        'too_many',
        `There are ${MAX_DOCUMENTS} documents of this kind: delete some`,
      );
    const entry = await this.#audit.begin('edit_document', by, subject);
    try {
      const document = await this.#documents.put({ kind, name, value }, expected);
      this.#onChange({ kind, name });
      await entry.succeed({ version: document.version });
      return { document, isNew: !stored };
    } catch (error) {
      await entry.fail().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Deletes a document. Returns false if there is none. With `expected`, only if that is the stored version.
   *
   * @throws DocumentRefusedError
   * @throws VersionConflictError
   */
  async delete(kind: string, name: string, by: Requester, expected?: number): Promise<boolean> {
    const subject = documentSubject(checkKind(kind), checkName(name));
    const stored = await this.#read(kind, name, expected);
    if (!stored) return false;
    const entry = await this.#audit.begin('delete_document', by, subject);
    try {
      const isDeleted = await this.#documents.delete(kind, name, expected);
      this.#onChange({ kind, name });
      await entry.succeed({ version: stored.version });
      return isDeleted;
    } catch (error) {
      await entry.fail().catch(() => undefined);
      throw error;
    }
  }

  /** @throws DocumentRefusedError */
  #check(kind: DocumentKind, name: string, value: PropertyValue): void {
    try {
      this.#checks[kind]?.(name, value);
    } catch (error) {
      if (error instanceof BadQueryError) throw new DocumentRefusedError('value', error.message);
      throw error;
    }
  }

  /** Compares the version already here, so that a conflict leaves no entry in the audit log. The engine compares it again. */
  async #read(kind: string, name: string, expected: number | undefined): Promise<StoredDocument | undefined> {
    const stored = await this.#documents.get(kind, name);
    const version = stored?.version ?? NOT_STORED;
    if (expected !== undefined && expected !== version)
      throw new VersionConflictError({ kind, name }, version);
    return stored;
  }
}
