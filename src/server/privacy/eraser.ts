import { safely } from '../../common/safely.js';
import { readTextFreeProperties } from '../audience/text-free-properties.js';
import { forgetFoundTopics } from '../audience/topics.js';
import type { Cursor, RecordStore } from '../engines/record-store.js';
import type { Forwarding } from '../ingest/forwarding.js';
import type { AuditedAction, Requester } from '../model/privacy/audit.js';
import { erasedKeysOf, personKeysOf } from '../model/privacy/erasure-keys.js';
import { ErasureTally, type ErasureReport } from '../model/privacy/erasure-report.js';
import type { StoredRecord } from '../model/stored-record.js';
import type { RecordQuery } from '../query/record-query.js';
import type { AuditLog, Subject } from './audit-log.js';
import { forgetDerivedWords } from './derived-words.js';
import { eraseAllDocuments, eraseDocuments } from './erased-documents.js';
import { findMentions } from './mentions.js';
import { withRelated } from './related-records.js';

export interface EraserParts {
  readonly store: RecordStore;
  readonly audit: AuditLog;
  readonly forwarding?: Forwarding | undefined;
  /** Property that the server was started with, see `readOrganizationProperty()`. */
  readonly organizationProperty?: string | undefined;
  /** Called after something was erased, for what else knows it. */
  readonly onErased?: (() => void) | undefined;
}

/** Deletes records because somebody asked for it: for good, with what belongs to them, and noted in the audit log. */
export class Eraser {
  readonly #parts: EraserParts;

  constructor(parts: EraserParts) {
    this.#parts = parts;
  }

  /** Returns what {@link forget} would delete. */
  async preview(users: readonly string[]): Promise<ErasureReport> {
    const tally = new ErasureTally(users);
    for await (const chunk of withRelated(this.#parts.store, { users }))
      for (const record of chunk) tally.add(record);
    const mentions =
      users.length > 0 ? await findMentions(this.#parts.store, tally.subjects, tally.names) : undefined;
    return tally.report(undefined, mentions);
  }

  /** Deletes everything of these people, and what belongs to their prompts. */
  async forget(users: readonly string[], by: Requester): Promise<ErasureReport> {
    // Before, because the display names go with the records: if this fails, all of it can be repeated.
    const { mentions } = await this.preview(users);
    const reports: ErasureReport[] = [];
    // One entry for each person, so that each can be looked up.
    for (const person of users)
      reports.push(
        await this.#audited('forget_person', by, { person }, () =>
          this.#erase({ users: [person] }, (record) => [...erasedKeysOf(record), ...personKeysOf(record)]),
        ),
      );
    return { ...reports.reduce(sum), mentions };
  }

  /** Deletes one record, and what belongs to it. Returns undefined if there is none with this id. */
  async deleteRecord(id: string, by: Requester): Promise<ErasureReport | undefined> {
    const { store } = this.#parts;
    if (!(await store.get([id])).has(id)) {
      // Ends an erasure that has failed after the record was hidden.
      if ((await store.erased([id])).has(id)) await store.erase({ ids: [], keys: [] });
      return undefined;
    }
    return this.#audited('delete_record', by, { record: id }, () => this.#erase({ ids: [id] }, erasedKeysOf));
  }

  /** Empties the store. Unlike other deleted records, these come back when they are delivered or imported again. */
  async deleteAll(by: Requester): Promise<{ readonly deleted: number; readonly cursor: Cursor }> {
    const { store, forwarding } = this.#parts;
    let cursor = '';
    const { records } = await this.#audited('delete_all', by, {}, async () => {
      const tally = new ErasureTally();
      for await (const chunk of store.export({})) for (const record of chunk) tally.add(record);
      await eraseAllDocuments(store.documents);
      await forgetFoundTopics(store.documents);
      const removed = await store.remove({});
      ({ cursor } = removed);
      safely(this.#parts.onErased);
      await this.#forgetWords();
      const cancelled = new Set(forwarding?.forget(removed.ids));
      return { ...tally.report(cancelled), records: removed.ids.length };
    });
    return { deleted: records, cursor };
  }

  async #erase(query: RecordQuery, keysOf: (record: StoredRecord) => string[]): Promise<ErasureReport> {
    const { store, forwarding } = this.#parts;
    const startedAt = new Date().toISOString();
    const tally = new ErasureTally(query.users);
    const cancelled = new Set<string>();
    // The second pass finds records that were being stored during the first. Later ones are not part of the request.
    for (const isFirst of [true, false]) {
      const ids: string[] = [];
      const keys = new Set<string>();
      const threads = new Set<string>();
      for await (const chunk of withRelated(store, query))
        for (const record of chunk) {
          if (!isFirst && record.receivedAt > startedAt) continue;
          tally.add(record);
          ids.push(record.id);
          if (record.threadId !== undefined) threads.add(record.threadId);
          for (const key of keysOf(record)) keys.add(key);
        }
      for (const id of forwarding?.forget(ids) ?? []) cancelled.add(id);
      await eraseDocuments(store, { users: new Set(query.users), ids: new Set(ids), threads });
      if (query.users) await forgetFoundTopics(store.documents);
      // Also without any: earlier versions of the person's records may still be in a file.
      if (isFirst || ids.length > 0) await store.erase({ ids, keys: [...keys] });
    }
    safely(this.#parts.onErased);
    await this.#forgetWords();
    return tally.report(cancelled);
  }

  /** Forgets words that only what was erased had. Their documents leave the file with another purge. */
  async #forgetWords(): Promise<void> {
    const { store } = this.#parts;
    const kept = await readTextFreeProperties(store.documents, this.#parts.organizationProperty);
    if (await forgetDerivedWords(store, kept)) await store.purge?.([]);
  }

  async #audited(
    action: AuditedAction,
    by: Requester,
    subject: Subject,
    work: () => Promise<ErasureReport>,
  ): Promise<ErasureReport> {
    const entry = await this.#parts.audit.begin(action, by, subject);
    try {
      const report = await work();
      await entry.succeed(report);
      return report;
    } catch (error) {
      await entry.fail().catch(() => undefined);
      throw error;
    }
  }
}

/** Adds up all but the documents, which are looked for once. */
function sum(a: ErasureReport, b: ErasureReport): ErasureReport {
  const hosts = new Set([...a.forwarded, ...b.forwarded].map(({ to }) => to));
  return {
    records: a.records + b.records,
    prompts: a.prompts + b.prompts,
    calls: a.calls + b.calls,
    feedback: a.feedback + b.feedback,
    events: a.events + b.events,
    conversations: a.conversations + b.conversations,
    ofOthers: a.ofOthers + b.ofOthers,
    forwarded: [...hosts].map((to) => ({
      to,
      ids: [...a.forwarded, ...b.forwarded].filter((one) => one.to === to).flatMap(({ ids }) => ids),
    })),
    mentions: [],
  };
}
