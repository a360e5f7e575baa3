import { appendFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { startBackgroundTimer, type Timer } from '../../../common/background-timer.js';
import { codeOf } from '../../../common/unknown-values.js';
import { PENDING_LOGS_MS, PENDING_MS, type PendingPart, type PendingParts } from '../pending-parts.js';
import { rewritePathOf } from './record-file.js';

/** Characters of all parts. Above it, the oldest are forgotten. */
const MAX_LENGTH = 16 * 1024 * 1024;
/** Time after which parts that are too old leave the file. */
const REWRITE_MS = 60 * 60_000;

interface KeptPart extends PendingPart {
  /** Milliseconds since 1970. */
  readonly at: number;
}

/**
 * Parts of calls in a file of JSON lines beside that of the records, which exists only while some wait. They are in memory as well. A part is written
 * before `put` resolves, and leaves the file an hour after its day at the latest.
 */
export class FilePending implements PendingParts {
  readonly #path: string;
  /** By id, kind and key. Oldest first. */
  readonly #parts = new Map<string, KeptPart>();
  readonly #byId = new Map<string, Set<KeptPart>>();
  #length = 0;
  /** True if the file has lines that are not in memory any more. */
  #isGrown = false;
  #timer: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string) {
    this.#path = path;
  }

  /** Reads what waited before a restart. Lines that are no parts are left out. */
  static async open(path: string): Promise<FilePending> {
    const pending = new FilePending(path);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    for (const line of text.split('\n')) {
      const part = parsePart(line);
      if (part) pending.#add(part);
    }
    if (text !== '') await pending.#rewrite();
    return pending;
  }

  put(parts: readonly PendingPart[]): Promise<void> {
    const added = parts
      .filter((part) => !this.#parts.has(keyOf(part)))
      .map((part) => ({ ...part, at: Date.now() }));
    if (added.length === 0) return Promise.resolve();
    return this.#inTurn(async () => {
      await appendFile(this.#path, added.map(toLine).join(''), { mode: 0o600 });
      for (const part of added) this.#add(part);
      this.#rewriteLater();
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

  /** Deletes the parts of erased records, also from the file. Without ids, all. */
  async forget(ids: readonly string[] = [...this.#byId.keys()]): Promise<void> {
    const found = ids.flatMap((id) => [...(this.#byId.get(id) ?? [])]);
    for (const part of found) this.#drop(part);
    if (found.length > 0) await this.#inTurn(() => this.#rewrite());
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#last;
  }

  #add(part: KeptPart): void {
    const key = keyOf(part);
    const known = this.#parts.get(key);
    if (known) this.#drop(known);
    this.#parts.set(key, part);
    const siblings = this.#byId.get(part.id) ?? new Set();
    this.#byId.set(part.id, siblings.add(part));
    this.#length += part.value.length;
    this.#evict();
  }

  #drop(part: KeptPart): void {
    if (!this.#parts.delete(keyOf(part))) return;
    this.#isGrown = true;
    this.#length -= part.value.length;
    const siblings = this.#byId.get(part.id);
    siblings?.delete(part);
    if (siblings?.size === 0) this.#byId.delete(part.id);
  }

  #evict(): void {
    const oldest = Date.now() - PENDING_MS;
    for (const part of this.#parts.values()) {
      if (part.at > oldest && this.#length <= MAX_LENGTH) return;
      this.#drop(part);
    }
  }

  #rewriteLater(): void {
    this.#timer ??= startBackgroundTimer(REWRITE_MS, () => {
      this.#timer = undefined;
      this.#evict();
      if (this.#isGrown) this.#inTurn(() => this.#rewrite()).catch(() => undefined);
      if (this.#parts.size > 0) this.#rewriteLater();
    });
  }

  async #rewrite(): Promise<void> {
    this.#isGrown = false;
    if (this.#parts.size === 0) return rm(this.#path, { force: true });
    this.#rewriteLater();
    await writeFile(rewritePathOf(this.#path), [...this.#parts.values()].map(toLine).join(''), {
      mode: 0o600,
    });
    await rename(rewritePathOf(this.#path), this.#path);
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

/** After a line break, because a crash may have torn the line before. */
function toLine(part: KeptPart): string {
  return `\n${JSON.stringify(part)}`;
}

function parsePart(line: string): KeptPart | undefined {
  try {
    const part: unknown = JSON.parse(line);
    return isPart(part) ? part : undefined;
  } catch {
    return undefined;
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
