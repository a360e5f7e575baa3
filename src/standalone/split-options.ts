import { isRecord } from '../common/unknown-values.js';

/** The options of a handler that stands alone, by who takes them. */
export interface SplitOptions {
  readonly handler: Readonly<Record<string, unknown>>;
  readonly processor: Readonly<Record<string, unknown>>;
  /** Names that look like a misspelt option, each with the option it resembles. */
  readonly suspects: readonly Suspect[];
}

export interface Suspect {
  readonly name: string;
  readonly option: string;
  /** The value may be a key or a password: it is left out of the metadata. */
  readonly withheld: boolean;
}

/** The names that the parts of the handler know. */
export interface KnownOptions {
  readonly handler: ReadonlySet<string>;
  readonly processor: ReadonlySet<string>;
  /** Options whose value must not be shown to anybody. */
  readonly secrets: ReadonlySet<string>;
}

/** Metadata that names who asks: the spelling of the Python handler, read from `metadata` by our handler. */
const IDENTITY_KEYS = ['user_id', 'session_id', 'thread_id', 'conversation_id'];

/**
 * Gives each option to the part that takes it. An unknown one becomes metadata of every call, as in the Python handler.
 *
 * `userId` and `threadId` are texts for the handler, or functions for the processor. A value that is `undefined` is no option, nor is an
 * empty key, host or other text for the processor, as in the environment.
 */
export function splitOptions(options: Readonly<Record<string, unknown>>, known: KnownOptions): SplitOptions {
  const handler: Record<string, unknown> = {};
  const processor: Record<string, unknown> = {};
  const unknown: Record<string, unknown> = {};
  const suspects: Suspect[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (known.processor.has(name) && (!known.handler.has(name) || typeof value === 'function')) {
      if (value !== '') processor[name] = value;
    } else if (known.handler.has(name)) {
      handler[name] = value;
    } else {
      const suspect = suspectOf(name, known);
      if (suspect) suspects.push(suspect);
      if (suspect?.withheld !== true) unknown[name] = value;
    }
  }
  if (
    Object.keys(unknown).length > 0 &&
    (handler['metadata'] === undefined || isRecord(handler['metadata']))
  ) {
    handler['metadata'] = { ...unknown, ...handler['metadata'] };
  }
  return { handler, processor, suspects };
}

function suspectOf(name: string, { handler, processor, secrets }: KnownOptions): Suspect | undefined {
  if (IDENTITY_KEYS.includes(name)) return undefined;
  for (const option of [...handler, ...processor, ...IDENTITY_KEYS]) {
    if (isNear(plain(name), plain(option))) return { name, option, withheld: secrets.has(option) };
  }
  return undefined;
}

/** `api_key`, `API-Key` and `apiKey` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Texts of up to five characters may differ in one, longer ones in two. */
function isNear(a: string, b: string): boolean {
  const allowed = Math.min(a.length, b.length) <= 5 ? 1 : 2;
  return Math.abs(a.length - b.length) <= allowed && distance(a, b) <= allowed;
}

/** Levenshtein's distance: insertions, deletions and replacements of one character. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, right] of b.split('').entries()) {
      const replaced = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
