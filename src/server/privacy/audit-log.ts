import { createHmac, randomBytes } from 'node:crypto';
import { safely } from '../../common/safely.js';
import type { PropertyValue } from '../../records/model/prompt-record.js';
import { NOT_STORED, VersionConflictError, type DocumentStore } from '../engines/document-store.js';
import type { AuditedAction, AuditEntry, AuditList, Requester } from '../model/audit.js';
import type { ErasureReport } from '../model/erasure-report.js';

const KIND = 'audit';
/** Entries that are kept: above it, the oldest are deleted. One takes about 400 bytes. */
const MAX_ENTRIES = 10_000;

/** Whom or what an action was about, in plain text. Only its hash is kept. */
export type Subject = { readonly person: string } | { readonly record: string } | Record<string, never>;

/** An entry that was begun. Its outcome is written when the action has ended. */
export interface OpenEntry {
  succeed(outcome: Outcome): Promise<void>;
  fail(): Promise<void>;
}

/** What a deletion or an export has done. */
export type Outcome =
  | Pick<ErasureReport, 'prompts' | 'calls' | 'feedback' | 'events' | 'forwarded'>
  | { readonly exported: number };

/** Called with each entry as it is written, first with the outcome `begun`. */
export type AuditListener = (entry: AuditEntry) => void;

/**
 * Who deleted what, and when, without content. Ids of people and records are kept as HMAC-SHA-256 with a key of the store: an id that is
 * known can be looked up, but the log does not keep the ids of people who asked to be forgotten.
 */
export class AuditLog {
  readonly #documents: DocumentStore;
  readonly #listener: AuditListener | undefined;
  #key: Promise<string> | undefined;

  constructor(documents: DocumentStore, listener?: AuditListener) {
    this.#documents = documents;
    this.#listener = listener;
  }

  /** Writes that an action begins, so that it is in the log even if this process is killed meanwhile. */
  async begin(action: AuditedAction, by: Requester, subject: Subject): Promise<OpenEntry> {
    const at = new Date().toISOString();
    const name = `${at} ${randomBytes(6).toString('hex')}`;
    const hashes = await this.#hashesOf(subject);
    const write = async (rest: Omit<AuditEntry, 'at' | 'action' | 'by'>): Promise<void> => {
      const entry: AuditEntry = { at, action, by, ...hashes, ...rest };
      safely(this.#listener, entry);
      await this.#documents.put({ kind: KIND, name, value: entry as unknown as PropertyValue });
    };
    await write({ outcome: 'begun' });
    await this.#deleteOldest();
    return {
      succeed: (outcome) => write({ outcome: 'done', ...countsOf(outcome) }),
      fail: () => write({ outcome: 'failed' }),
    };
  }

  /** Returns the latest entries first; with a subject, those about it. */
  async list(limit: number, subject: Subject): Promise<AuditList> {
    const wanted = Object.entries(await this.#hashesOf(subject));
    const entries = (await this.#documents.list(KIND))
      .map(({ value }) => value as unknown as AuditEntry)
      .filter((entry) => wanted.every(([name, hash]) => entry[name as 'person'] === hash))
      .toReversed();
    return { entries: entries.slice(0, limit), total: entries.length };
  }

  async #hashesOf(subject: Subject): Promise<Pick<AuditEntry, 'person' | 'record'>> {
    const key = await (this.#key ??= this.#readKey());
    const hash = (id: string): string => createHmac('sha256', key).update(id).digest('base64url');
    return Object.fromEntries(Object.entries(subject).map(([name, id]) => [name, hash(id)]));
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

  async #deleteOldest(): Promise<void> {
    const documents = await this.#documents.list(KIND);
    for (const { name } of documents.slice(0, Math.max(0, documents.length - MAX_ENTRIES)))
      await this.#documents.delete(KIND, name);
  }
}

function countsOf(outcome: Outcome): Pick<AuditEntry, 'deleted' | 'forwarded' | 'exported'> {
  if ('exported' in outcome) return outcome;
  const { prompts, calls, feedback, events, forwarded } = outcome;
  return {
    deleted: { prompts, calls, feedback, events },
    forwarded: forwarded.map(({ to, ids }) => ({ to, records: ids.length })),
  };
}
