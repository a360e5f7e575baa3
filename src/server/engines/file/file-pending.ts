import { createReadStream } from 'node:fs';
import { appendFile, rename, rm, writeFile } from 'node:fs/promises';
import { startBackgroundTimer, type Timer } from '../../../common/background-timer.js';
import { traceIdOf } from '../../../common/record-id.js';
import { asRecord, asStrings, codeOf } from '../../../common/unknown-values.js';
import { PENDING_LOGS_MS, PENDING_MS, type PendingPart, type PendingParts } from '../pending-parts.js';
import { rewritePathOf } from './record-file.js';

/** Characters of all parts. Above it, the oldest are forgotten. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** Time after which parts that are too old leave the file. */
const REWRITE_MS = 60 * 60_000;
/** Time after which parts that were forgotten leave the file. Opt-outs come often, and each rewrite costs the whole file. */
const FORGET_MS = 60_000;
const READ_BYTES = 1024 * 1024;

interface KeptPart extends PendingPart {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Parts of calls in a file of JSON lines beside that of the records, which exists only while some wait. They are in memory as well. A part is written
 * before `put` resolves, and leaves the file an hour after its day at the latest. The file is rewritten once it has doubled.
 */
export class FilePending implements PendingParts {
  readonly #path: string;
  /** By id, kind and key. Oldest first. */
  readonly #parts = new Map<string, KeptPart>();
  readonly #byId = new Map<string, Set<KeptPart>>();
  /** Ids of parts, by trace. */
  readonly #idsIn = new Map<string, Set<string>>();
  #length = 0;
  /** Characters of the file. */
  #fileLength = 0;
  /** Characters of the file above which it is rewritten. */
  #maxFileLength = 2 * MAX_LENGTH;
  /** Number of parts that have left the memory, and of those that have left the file as well. */
  #drops = 0;
  #droppedInFile = 0;
  /** True if the file has parts that were forgotten or erased. */
  #hasForgotten = false;
  #isClosed = false;
  #timer: Timer | undefined;
  #forgetTimer: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Reads what waited before a restart. Lines that are no parts are left out. */
  static async open(path: string): Promise<FilePending> {
    const pending = new FilePending(path);
    // A crash may have left it, with texts that are too old or erased by now.
    await rm(rewritePathOf(path), { force: true });
    for await (const line of linesOf(path)) {
      pending.#fileLength += line.length + 1;
      const { part, forgotten } = parseLine(line);
      if (part) pending.#add(part);
      for (const key of forgotten) pending.#dropKey(key);
    }
    if (pending.#fileLength > 0) await pending.#rewrite();
    return pending;
  }

  put(parts: readonly PendingPart[]): Promise<void> {
    return this.#inTurn(async () => {
      const added = parts
        .filter((part) => !this.#parts.has(keyOf(part)))
        .map((part) => ({ ...part, at: Date.now() }));
      if (added.length === 0) return;
      await this.#append(added.map(toLine).join(''));
      for (const part of added) this.#add(part);
      this.#rewriteLater();
      // The parts are safe already: a rewrite that fails must not let them be sent again.
      if (this.#fileLength > this.#maxFileLength)
        await this.#rewrite().catch(() => {
          this.#maxFileLength = 2 * this.#fileLength;
        });
    });
  }

  find(ids: readonly string[]): Promise<readonly PendingPart[]> {
    this.#evict();
    return Promise.resolve(
      ids.flatMap((id) =>
        [...(this.#byId.get(id) ?? [])].map(({ kind, key, value }) => ({ id, kind, key, value })),
      ),
    );
  }

  hasLogs(): Promise<boolean> {
    const since = Date.now() - PENDING_LOGS_MS;
    for (const { kind, at } of this.#parts.values())
      if (kind === 'log' && at > since) return Promise.resolve(true);
    return Promise.resolve(false);
  }

  /** Deletes parts. They leave the file within a minute, and do not come back if the process ends before. */
  forget(parts: readonly PendingPart[]): Promise<void> {
    return this.#inTurn(async () => {
      const forgotten = parts.map((part) => keyOf(part)).filter((key) => this.#dropKey(key));
      if (forgotten.length === 0) return;
      this.#hasForgotten = true;
      this.#forgetSoon();
      await this.#append(`\n${JSON.stringify({ forgotten })}`);
    });
  }

  /**
   * Deletes the parts of the traces of erased records, also from the file: spans hold texts of those above them. If it rejects, the next erasure writes
   * the file.
   */
  erase(ids: readonly string[]): Promise<void> {
    return this.#erase(() => ids);
  }

  /** Deletes all parts, also from the file, and those that are being put. */
  clear(): Promise<void> {
    return this.#erase(() => [...this.#byId.keys()]);
  }

  #erase(idsNow: () => readonly string[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const trace of new Set(idsNow().map(traceOf)))
        for (const id of this.#idsIn.get(trace) ?? []) if (this.#dropAll(id)) this.#hasForgotten = true;
      if (this.#hasForgotten) this.#forgetSoon();
      await this.#rewriteForgotten();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#forgetTimer);
    await this.#inTurn(() => this.#rewriteForgotten()).catch(() => undefined);
  }

  #add(part: KeptPart): void {
    const known = this.#parts.get(keyOf(part));
    if (known) this.#drop(known);
    this.#parts.set(keyOf(part), part);
    this.#byId.set(part.id, (this.#byId.get(part.id) ?? new Set()).add(part));
    const trace = traceOf(part.id);
    this.#idsIn.set(trace, (this.#idsIn.get(trace) ?? new Set()).add(part.id));
    this.#length += part.value.length;
    this.#evict();
  }

  /** Returns whether there was such a part. */
  #dropKey(key: string): boolean {
    const part = this.#parts.get(key);
    if (part) this.#drop(part);
    return part !== undefined;
  }

  /** Returns whether there was a part. */
  #dropAll(id: string): boolean {
    const found = [...(this.#byId.get(id) ?? [])];
    for (const part of found) this.#drop(part);
    return found.length > 0;
  }

  #drop(part: KeptPart): void {
    if (!this.#parts.delete(keyOf(part))) return;
    this.#drops += 1;
    this.#length -= part.value.length;
    deleteFrom(this.#byId, part.id, part);
    if (!this.#byId.has(part.id)) deleteFrom(this.#idsIn, traceOf(part.id), part.id);
  }

  #evict(): void {
    const oldest = Date.now() - PENDING_MS;
    for (const part of this.#parts.values()) {
      if (part.at > oldest && this.#length <= MAX_LENGTH) return;
      this.#drop(part);
    }
  }

  #rewriteLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= startBackgroundTimer(REWRITE_MS, () => {
      this.#timer = undefined;
      this.#evict();
      if (this.#drops > this.#droppedInFile) this.#inTurn(() => this.#rewrite()).catch(() => undefined);
      // Also after a rewrite that failed, even if nothing waits any more.
      if (this.#fileLength > 0) this.#rewriteLater();
    });
  }

  #forgetSoon(): void {
    if (this.#isClosed) return;
    this.#forgetTimer ??= startBackgroundTimer(FORGET_MS, () => {
      this.#forgetTimer = undefined;
      this.#inTurn(() => this.#rewriteForgotten()).catch(() => this.#forgetSoon());
    });
  }

  async #rewriteForgotten(): Promise<void> {
    if (this.#hasForgotten) await this.#rewrite();
  }

  async #append(text: string): Promise<void> {
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#fileLength += text.length;
  }

  /** Notes what has left the file only once it has. */
  async #rewrite(): Promise<void> {
    const drops = this.#drops;
    const text = [...this.#parts.values()].map(toLine).join('');
    if (text !== '') {
      this.#rewriteLater();
      await writeFile(rewritePathOf(this.#path), text, { mode: 0o600 });
      await rename(rewritePathOf(this.#path), this.#path);
    } else for (const path of [this.#path, rewritePathOf(this.#path)]) await rm(path, { force: true });
    this.#droppedInFile = drops;
    this.#hasForgotten = false;
    this.#fileLength = text.length;
    this.#maxFileLength = 2 * Math.max(MAX_LENGTH, text.length);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function keyOf({ id, kind, key }: PendingPart): string {
  return `${id} ${kind} ${key}`;
}

/** Returns the trace of a record, or the id itself if it names none. */
function traceOf(id: string): string {
  return traceIdOf(id) || id;
}

function deleteFrom<T>(sets: Map<string, Set<T>>, key: string, value: T): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}

/** Reads a file of any length; of a missing one, nothing. Not `node:readline`: it also divides at U+2028, which may stand in JSON. */
async function* linesOf(path: string): AsyncIterable<string> {
  let rest = '';
  try {
    const input = createReadStream(path, { encoding: 'utf8', highWaterMark: READ_BYTES });
    for await (const chunk of input as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  yield rest;
}

/** After a line break, because a crash may have torn the line before. */
function toLine(part: KeptPart): string {
  return `\n${JSON.stringify(part)}`;
}

/** Reads a line: a part, keys of parts that were forgotten, or neither. */
function parseLine(line: string): { readonly part?: KeptPart; readonly forgotten: readonly string[] } {
  try {
    const parsed: unknown = JSON.parse(line);
    return isPart(parsed)
      ? { part: parsed, forgotten: [] }
      : { forgotten: asStrings(asRecord(parsed)['forgotten']) };
  } catch {
    return { forgotten: [] };
  }
}

function isPart(part: unknown): part is KeptPart {
  const { id, kind, key, value, at } = Object(part) as Record<string, unknown>;
  return (
    [id, key, value].every((text) => typeof text === 'string') &&
    (kind === 'span' || kind === 'log') &&
    typeof at === 'number'
  );
}
