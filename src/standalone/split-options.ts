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
  /** Returns false if the option does not take the value. Default: it may. */
  readonly accepts?: (option: string, value: unknown) => boolean;
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
      const suspect = suspectOf(name, value, known);
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

function suspectOf(name: string, value: unknown, known: KnownOptions): Suspect | undefined {
  if (IDENTITY_KEYS.includes(name)) return undefined;
  for (const option of [...known.handler, ...known.processor, ...IDENTITY_KEYS]) {
    const withheld = known.secrets.has(option);
    if (withheld ? isNearSecret(plain(name), plain(option)) : isMisspelt(name, value, option, known))
      return { name, option, withheld };
  }
  return undefined;
}

/** `api_key`, `API-Key` and `apiKey` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Names of metadata are no mistakes: `cost` and `post` are near `host`, `subject` near `project`, `context` near `content`. */
function isMisspelt(name: string, value: unknown, option: string, { accepts }: KnownOptions): boolean {
  const [given, wanted] = [plain(name), plain(option)];
  if (given === wanted || given === SINGULARS[wanted]) return true;
  if (!isTypingSlip(given, wanted)) return false;
  return wanted.length >= LONG_NAME || accepts?.(option, value) !== false;
}

/** A key or a password must not become metadata: any slip counts. */
function isNearSecret(given: string, wanted: string): boolean {
  return given === wanted || isTypingSlip(given, wanted) || isOneReplaced(given, wanted);
}

/** Options in the plural that take a list, in the singular. */
const SINGULARS: Readonly<Record<string, string>> = { tags: 'tag' };

/** A slip in a name of this length gives no other word. */
const LONG_NAME = 8;

/** Returns true if a letter behind the first is missing, superfluous, or changed places with the next one. */
function isTypingSlip(given: string, wanted: string): boolean {
  if (given[0] !== wanted[0] || wanted.length < 4) return false;
  if (given.length === wanted.length) return isOneSwapped(given, wanted);
  const [short, long] = given.length < wanted.length ? [given, wanted] : [wanted, given];
  if (long.length - short.length !== 1) return false;
  const at = firstDifference(short, long);
  return short.slice(at) === long.slice(at + 1);
}

function isOneSwapped(a: string, b: string): boolean {
  const at = firstDifference(a, b);
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

function isOneReplaced(a: string, b: string): boolean {
  const at = firstDifference(a, b);
  return a.length === b.length && a.slice(at + 1) === b.slice(at + 1);
}

/** Returns the length of the common beginning. */
function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
