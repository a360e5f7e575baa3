import { RecentMap } from '../../../../common/collections/recent-map.js';
import { recordId } from '../../../../common/record-id.js';
import type { PendingPart, PendingParts } from '../../../engines/pending-parts.js';
import type { SentSpan } from '../joining/buffered-span.js';
import type { FoundCalls } from '../joining/found-calls.js';
import { eventKey, type LogEvent } from '../joining/log-events.js';
import type { TraceBuffer } from '../joining/trace-buffer.js';
import type { FoundRecorder } from '../record-found.js';
import { decodeParts, encodeLog, encodeOptOut, encodeSpan, isOptOut } from './encode-parts.js';
import { Looks } from './looks.js';

/** Times for which the store's answer that log records wait, or that none do, is believed. */
const LOGS_MS = 60_000;
const NO_LOGS_MS = 5_000;
/** Spans of which it is remembered what waits in the store. */
const MAX_PUT = 20_000;
/** Rounds in which parts lead to further ones: a span to those around it, they to their log records. */
const MAX_ROUNDS = 4;
/** Ids of one look. */
const MAX_IDS = 1_000;

export interface LateContentParts {
  readonly pending: PendingParts | undefined;
  readonly traces: Pick<
    TraceBuffer,
    'addShared' | 'isOptedOut' | 'isShared' | 'knows' | 'knowsWhole' | 'lacksEvent' | 'sentWith'
  >;
  readonly recorder: Pick<FoundRecorder, 'record'>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Joins spans without content and log records with it that came to different servers, or before and after a restart.
 *
 * Each server first stores what it cannot join, then looks for what others have stored, both before it answers. So the later one of two always
 * finds the part of the earlier one. Both servers may write the record: what is missing in one of them is added by the next look.
 *
 * An opt-out deletes the texts that wait: that of a span by the server that has it, now and at later looks, that of a log record by each that finds it.
 * In place of the texts, it waits itself: another server may have joined them, know of calls below, or get more of them.
 */
export class LateContent {
  readonly #parts: LateContentParts;
  readonly #now: () => number;
  readonly #looks: Looks;
  /** Spans of a chain that was stored, by the id of its first. */
  readonly #put = new RecentMap<string, string>(MAX_PUT);
  /** Parts whose records the store did not take. */
  readonly #unrecorded: Joinable[] = [];
  #hasLogs = false;
  /** When the store is asked again whether log records wait. */
  #askAgainAt = 0;
  #joined = 0;

  constructor(parts: LateContentParts) {
    this.#parts = parts;
    this.#now = parts.now ?? Date.now;
    this.#looks = new Looks((due) => this.#check(due), this.#now);
  }

  /** Number of records that parts of other servers have made. */
  get joined(): number {
    return this.#joined;
  }

  /** True if log records waited for their span, on any server. */
  get hasLogs(): boolean {
    return this.#hasLogs;
  }

  /** Stores what cannot be joined, and joins what others have stored. Returns the number of records. Rejects if the store fails. */
  async take({ withoutContent, logsWithoutSpan, shared, optedOut }: FoundCalls): Promise<number> {
    const { pending } = this.#parts;
    if (!pending || withoutContent.length + logsWithoutSpan.length + shared.length + optedOut.length === 0)
      return 0;
    if (logsWithoutSpan.length > 0) this.#expectLogs(true, LOGS_MS);
    const isPut = await this.#expectsLogs(pending);
    const logs = logsWithoutSpan.flatMap(({ span, event }) => (span ? [encodeLog(span, event)] : []));
    const chains = isPut ? this.#changedChains(withoutContent) : [];
    await pending.put([...logs, ...chains.map(({ chain }) => encodeSpan(chain))]);
    for (const { id, spans } of chains) this.#put.set(id, spans);
    const ids = [...new Set([...withoutContent, ...logs.map(({ id }) => id), ...shared, ...optedOut])];
    this.#looks.add(ids);
    // Texts of opted-out calls may wait since before the last hour, of which alone it is known whether log records came.
    return this.#join(pending, isPut ? ids : optedOut);
  }

  /** Deletes what waits of records that were removed because they are opted out. */
  async withdraw(ids: readonly string[]): Promise<void> {
    const { pending } = this.#parts;
    if (pending) await withdrawTexts(pending, await findAll(pending, ids));
  }

  /** Resolves when nothing is looked at any more. */
  close(): Promise<void> {
    return this.#looks.close();
  }

  async #check(due: readonly string[]): Promise<void> {
    await this.#recordAgain();
    const { pending, traces } = this.#parts;
    if (!pending || due.length === 0 || !(await this.#expectsLogs(pending))) return;
    // If two servers change a record at the same time, the last one wins. It may have known less.
    const again = due.filter((id) => traces.isShared(id));
    await this.#join(pending, due);
    if (again.length > 0) await this.#record({ spans: [], logs: [], again });
  }

  /** Without log records in the project, spans without content are those of applications that record none: they do not wait. */
  async #expectsLogs(pending: PendingParts): Promise<boolean> {
    if (this.#now() < this.#askAgainAt) return this.#hasLogs;
    const hasLogs = await pending.hasLogs();
    this.#expectLogs(hasLogs, hasLogs ? LOGS_MS : NO_LOGS_MS);
    return hasLogs;
  }

  #expectLogs(hasLogs: boolean, forMs: number): void {
    this.#hasLogs = hasLogs;
    this.#askAgainAt = this.#now() + forMs;
  }

  /** Returns spans without content, with those above them, that are not in the store like this. */
  #changedChains(withoutContent: readonly string[]): readonly PutChain[] {
    return withoutContent.flatMap((id) => {
      const [span, ...above] = this.#parts.traces.sentWith(id);
      if (!span) return [];
      const spans = [span, ...above].map((one) => one.spanContext().spanId).join(' ');
      return this.#put.get(id) === spans ? [] : [{ id, spans, chain: [span, ...above] as const }];
    });
  }

  async #join(pending: PendingParts, first: readonly string[]): Promise<number> {
    const { traces } = this.#parts;
    let [ids, records] = [first, 0];
    for (let round = 0; round < MAX_ROUNDS && ids.length > 0; round++) {
      const found = decodeParts(await this.#findWanted(pending, ids));
      const spans = unique(found.spans.filter((span) => !this.#knows(span)));
      const added = new Set(spans.map((span) => recordId(span.spanContext())));
      const logs = found.logs.filter(
        ({ span, event }) => added.has(recordId(span)) || traces.lacksEvent(recordId(span), eventKey(event)),
      );
      if (spans.length + logs.length === 0) break;
      const joined = await this.#record({ spans, logs });
      records += joined.records;
      ids = [...new Set([...joined.withoutContent, ...joined.shared, ...joined.optedOut])];
      this.#looks.add(ids);
    }
    this.#joined += records;
    return records;
  }

  /** Returns what waits of these records. The texts of those that are opted out are deleted, and left out. */
  async #findWanted(pending: PendingParts, ids: readonly string[]): Promise<readonly PendingPart[]> {
    const { traces } = this.#parts;
    const found = await findAll(pending, ids);
    const optedOut = new Set(found.filter((part) => isOptOut(part)).map(({ id }) => id));
    for (const { id } of found) if (traces.isOptedOut(id)) optedOut.add(id);
    if (optedOut.size === 0) return found;
    await withdrawTexts(
      pending,
      found.filter(({ id }) => optedOut.has(id)),
    );
    return found.filter((part) => isOptOut(part) || !optedOut.has(part.id));
  }

  /** Returns whether a span is here. A whole one takes the place of one that lacks texts. */
  #knows(span: SentSpan): boolean {
    const { traces } = this.#parts;
    const id = recordId(span.spanContext());
    return span.isCut === true ? traces.knows(id) : traces.knowsWhole(id);
  }

  /** Adds parts to the join memory, and stores the records that they make. */
  async #record(parts: Joinable): Promise<Joined> {
    const { traces, recorder } = this.#parts;
    const { spans, logs, again } = parts;
    const joined = traces.addShared(spans, logs, again);
    const factTraces = new Set([...joined.factTraces, ...joined.traceIds]);
    try {
      const { records } = await recorder.record({ ...joined, factTraces }, logs);
      return { ...joined, records };
    } catch (error) {
      // The join memory has them now, so that no later look would find them.
      this.#unrecorded.push(parts);
      throw error;
    }
  }

  async #recordAgain(): Promise<void> {
    for (let parts = this.#unrecorded.shift(); parts; parts = this.#unrecorded.shift())
      this.#joined += (await this.#record(parts)).records;
  }
}

interface Joinable {
  readonly spans: readonly SentSpan[];
  readonly logs: readonly LogEvent[];
  /** Ids of records that are stored again if the store has them otherwise. */
  readonly again?: readonly string[];
}

type Joined = Pick<FoundCalls, 'withoutContent' | 'shared' | 'optedOut'> & { readonly records: number };

async function findAll(pending: PendingParts, ids: readonly string[]): Promise<readonly PendingPart[]> {
  const found: PendingPart[] = [];
  for (let from = 0; from < ids.length; from += MAX_IDS)
    found.push(...(await pending.find(ids.slice(from, from + MAX_IDS))));
  return found;
}

interface PutChain {
  readonly id: string;
  /** Ids of its spans. */
  readonly spans: string;
  readonly chain: readonly [SentSpan, ...SentSpan[]];
}

/** Deletes the texts of parts, and leaves an opt-out of each record. */
async function withdrawTexts(pending: PendingParts, parts: readonly PendingPart[]): Promise<void> {
  const texts = parts.filter((part) => !isOptOut(part));
  const known = new Set(parts.filter((part) => isOptOut(part)).map(({ id }) => id));
  const ids = new Set(texts.map(({ id }) => id).filter((id) => !known.has(id)));
  await pending.put([...ids].map((id) => encodeOptOut(id)));
  await pending.forget(texts);
}

/** Returns each span once, the whole one if there is one. The spans of a trace are in the chains of all that wait below them. */
function unique(spans: readonly SentSpan[]): readonly SentSpan[] {
  const byId = new Map<string, SentSpan>();
  for (const span of spans) {
    const id = recordId(span.spanContext());
    if (byId.get(id)?.isCut !== false) byId.set(id, span);
  }
  return [...byId.values()];
}
