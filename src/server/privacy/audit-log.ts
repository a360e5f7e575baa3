import { createHmac, randomBytes } from 'node:crypto';
import { safely } from '../../common/safely.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import { NOT_STORED, VersionConflictError, type DocumentStore } from '../engines/document-store.js';
import type { AuditedAction, AuditEntry, AuditList, Requester } from '../model/privacy/audit.js';
import type { ErasureReport } from '../model/privacy/erasure-report.js';

/** Kinds of the documents. Changes of documents are frequent: apart, they do not displace deletions and exports. */
const ERASURES_KIND = 'audit';
const EDITS_KIND = 'audit-edits';
/** Entries of a kind that are kept. One takes about 400 bytes. */
const MAX_ENTRIES = 10_000;
/** Entries that are deleted at once above that, so that their names are not read for each new one. */
const DELETED_AT_ONCE = 100;

/** Whom or what an action was about, in plain text. Of people and records, only the hash is kept. */
export type Subject =
  { readonly person: string } | { readonly record: string } | DocumentSubject | Record<string, never>;

export interface DocumentSubject {
  readonly kind: string;
  readonly name?: string;
  /** True if the name is the id of a record or person, of which only the hash is kept. */
  readonly isId: boolean;
}

/** An entry that was begun. Its outcome is written when the action has ended. */
export interface OpenEntry {
  succeed(outcome: Outcome): Promise<void>;
  fail(): Promise<void>;
}

/** Outcome of an action. */
export type Outcome =
  | Pick<ErasureReport, 'prompts' | 'calls' | 'feedback' | 'events' | 'forwarded'>
  | { readonly exported: number }
  | { readonly version: number };

/** Called with each entry as it is written, first with the outcome `begun`. */
export type AuditListener = (entry: AuditEntry) => void;

/**
 * Log of deletions, exports and changes: actor, action and time, without content. Ids of people and records are kept as HMAC-SHA-256 with a key of the store: an id that is
 * known can be looked up, but the log does not keep the ids of people who asked to be forgotten.
 */
export class AuditLog {
  readonly #documents: DocumentStore;
  readonly #listener: AuditListener | undefined;
  #key: Promise<string> | undefined;
  /** Entries that this server has begun. */
  #begun = 0;
  /** Entries by kind as this server counts them: those of other servers are seen when it looks again. */
  readonly #counts = new Map<string, number>();

  constructor(documents: DocumentStore, listener?: AuditListener) {
    this.#documents = documents;
    this.#listener = listener;
  }

  /** Writes that an action begins, so that it is in the log even if this process is killed meanwhile. */
  async begin(action: AuditedAction, by: Requester, subject: Subject): Promise<OpenEntry> {
    const at = new Date().toISOString();
    // The number keeps the order of entries of one millisecond.
    const number = String((this.#begun += 1)).padStart(9, '0');
    const name = `${at} ${number} ${randomBytes(6).toString('hex')}`;
    const kind = isDocument(subject) && action !== 'export' ? EDITS_KIND : ERASURES_KIND;
    const fields = await this.#fieldsOf(subject);
    const write = async (rest: Omit<AuditEntry, 'at' | 'action' | 'by'>): Promise<void> => {
      const entry: AuditEntry = { at, action, by, ...fields, ...rest };
      safely(this.#listener, entry);
      await this.#documents.put({ kind, name, value: entry as unknown as PropertyValue });
    };
    await write({ outcome: 'begun' });
    await this.#deleteOldest(kind);
    return {
      succeed: (outcome) => write({ outcome: 'done', ...countsOf(outcome) }),
      fail: () => write({ outcome: 'failed' }),
    };
  }

  /** Returns the latest entries first; with a subject, those about it. */
  async list(limit: number, subject: Subject): Promise<AuditList> {
    const wanted = Object.entries(await this.#fieldsOf(subject));
    const documents = await Promise.all(
      [ERASURES_KIND, EDITS_KIND].map((kind) => this.#documents.list(kind)),
    );
    const entries = documents
      .flat()
      // Names begin with the time.
      .sort((a, b) => (a.name < b.name ? 1 : -1))
      .map(({ value }) => value as unknown as AuditEntry)
      .filter((entry) => wanted.every(([name, value]) => entry[name as 'person'] === value));
    return { entries: entries.slice(0, limit), total: entries.length };
  }

  /** Returns what is kept of a subject. */
  async #fieldsOf(subject: Subject): Promise<Pick<AuditEntry, 'person' | 'record' | 'kind' | 'document'>> {
    const key = await (this.#key ??= this.#readKey());
    const hash = (id: string): string => createHmac('sha256', key).update(id).digest('base64url');
    if (!isDocument(subject))
      return Object.fromEntries(Object.entries(subject).map(([name, id]) => [name, hash(id)]));
    const { kind, name, isId } = subject;
    return { kind, ...(name !== undefined && { document: isId ? hash(name) : name }) };
  }

  /** The first server over a store creates the key; others read it. */
  async #readKey(): Promise<string> {
    const read = async (): Promise<string | undefined> => {
      const value = (await this.#documents.get('audit-key', 'key'))?.value;
      return typeof value === 'string' ? value : undefined;
    };
    const known = await read();
    if (known !== undefined) return known;
    const value = randomBytes(32).toString('base64url');
    try {
      await this.#documents.put({ kind: 'audit-key', name: 'key', value }, NOT_STORED);
      return value;
    } catch (error) {
      this.#key = undefined;
      if (error instanceof VersionConflictError) return (await read()) ?? value;
      throw error;
    }
  }

  async #deleteOldest(kind: string): Promise<void> {
    const count = (this.#counts.get(kind) ?? (await this.#documents.count(kind)) - 1) + 1;
    this.#counts.set(kind, count);
    if (count <= MAX_ENTRIES) return;
    const documents = await this.#documents.list(kind);
    const surplus = documents.length - MAX_ENTRIES;
    const oldest = surplus > 0 ? documents.slice(0, surplus + DELETED_AT_ONCE) : [];
    for (const { name } of oldest) await this.#documents.delete(kind, name);
    this.#counts.set(kind, documents.length - oldest.length);
  }
}

function isDocument(subject: Subject): subject is DocumentSubject {
  return 'kind' in subject;
}

function countsOf(outcome: Outcome): Pick<AuditEntry, 'deleted' | 'forwarded' | 'exported' | 'version'> {
  if ('exported' in outcome || 'version' in outcome) return outcome;
  const { prompts, calls, feedback, events, forwarded } = outcome;
  return {
    deleted: { prompts, calls, feedback, events },
    forwarded: forwarded.map(({ to, ids }) => ({ to, records: ids.length })),
  };
}
