import { isFeedback } from '../feedback.js';
import { NAME_PROPERTY } from '../lists.js';
import { turnOf, ownerIdsOf, type StoredRecord } from '../stored-record.js';
import type { DocumentKind } from './document-kinds.js';

/** Numbers of records that are deleted together. They do not overlap: their sum is the number of records. */
export interface ErasureCounts {
  readonly prompts: number;
  /** Calls of turns. */
  readonly calls: number;
  /** Feedback and evaluations. */
  readonly feedback: number;
  /** Other events. */
  readonly events: number;
}

/** Records that were handed on to another host, which this server cannot delete there. */
export interface ForwardedRecords {
  readonly to: string;
  readonly ids: readonly string[];
}

/** A document that people have written, and that names somebody. */
export interface DocumentMention {
  readonly kind: DocumentKind;
  readonly name: string;
}

/** Scope of a deletion. Response of `GET /api/erasure`, and with `deleted` of `DELETE /api/records?user=…`. */
export interface ErasureReport extends ErasureCounts {
  readonly records: number;
  readonly conversations: number;
  /** Records of other people among them: calls and feedback that belong to the prompts. */
  readonly ofOthers: number;
  readonly forwarded: readonly ForwardedRecords[];
  /** Documents that name the person and stay, such as a segment or a saved view: to be changed or deleted by somebody who knows their purpose. */
  readonly mentions: readonly DocumentMention[];
}

const KINDS = ['prompts', 'calls', 'feedback', 'events'] as const;

/** Adds up an {@link ErasureReport} record by record, so that no content has to be kept; of people, the ids of their records. */
export class ErasureTally {
  readonly #users: ReadonlySet<string> | undefined;
  readonly #counts = { prompts: 0, calls: 0, feedback: 0, events: 0 };
  readonly #threads = new Set<string>();
  readonly #forwarded = new Map<string, string[]>();
  readonly #ids = new Set<string>();
  readonly #names = new Set<string>();
  #ofOthers = 0;

  /** `users` are the people who are to be forgotten. */
  constructor(users?: readonly string[]) {
    this.#users = users && new Set(users);
  }

  add(record: StoredRecord): void {
    this.#counts[kindOf(record)]++;
    if (record.threadId !== undefined) this.#threads.add(record.threadId);
    if (this.#users) this.#ids.add(record.id);
    if (this.#users && !this.#users.has(record.userId)) this.#ofOthers++;
    const name = this.#users?.has(record.userId) && record.properties[NAME_PROPERTY];
    if (typeof name === 'string') this.#names.add(name);
    for (const host of record.forwardedTo ?? []) {
      const ids = this.#forwarded.get(host);
      if (ids) ids.push(record.id);
      else this.#forwarded.set(host, [record.id]);
    }
  }

  /** People who are to be forgotten, and the records and conversations that were added. */
  get subjects(): Record<'users' | 'ids' | 'threads', ReadonlySet<string>> {
    return { users: this.#users ?? new Set(), ids: this.#ids, threads: this.#threads };
  }

  /** Display names of these people. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Returns the sums. Records in `cancelled` were to be forwarded, but are not. */
  report(
    cancelled: ReadonlySet<string> = new Set(),
    mentions: readonly DocumentMention[] = [],
  ): ErasureReport {
    return {
      records: KINDS.reduce((sum, kind) => sum + this.#counts[kind], 0),
      ...this.#counts,
      conversations: this.#threads.size,
      ofOthers: this.#ofOthers,
      forwarded: [...this.#forwarded]
        .map(([to, ids]) => ({ to, ids: ids.filter((id) => !cancelled.has(id)) }))
        .filter(({ ids }) => ids.length > 0),
      mentions,
    };
  }
}

function kindOf(record: StoredRecord): (typeof KINDS)[number] {
  if (record.kind === 'prompt') return 'prompts';
  if (turnOf(record) !== undefined) return 'calls';
  return isFeedback(record) || ownerIdsOf(record).length > 0 ? 'feedback' : 'events';
}
