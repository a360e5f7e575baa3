import { UNCLEAR } from './label-values.js';

/** Categories of a project. Further ones become {@link OTHER}. */
export const MAX_INTENTS = 40;
export const OTHER = 'other';
const MAX_LENGTH = 40;
const MAX_WORDS = 6;

/** Categories that are known. A new one that is written differently is joined to the known one. */
export class Intents {
  readonly #names = new Map<string, string>();

  readonly #renamed = new Map<string, string>();

  /**
   * @param names the most important first
   * @param renamed names that people have given, by former ones
   */
  constructor(names: readonly string[] = [], renamed: Readonly<Record<string, string>> = {}) {
    for (const [former, name] of Object.entries(renamed)) this.#renamed.set(keyOf(former), name);
    for (const name of names) {
      const key = keyOf(name);
      // Another server may still have used the former name.
      const named = this.#renamed.get(key) ?? name;
      if (named !== name || this.#names.has(key) || this.#names.size >= MAX_INTENTS) continue;
      this.#names.set(key, name);
    }
  }

  get names(): readonly string[] {
    return [...this.#names.values()].filter((name) => name !== OTHER);
  }

  /** Returns the category of an answer: the known one, a new one, `other` if there are too many. Undefined if the answer is no category. */
  join(answer: string): string | undefined {
    const name = categoryOf(answer);
    if (name === undefined) return undefined;
    const key = keyOf(name);
    if (name === UNCLEAR || name === OTHER) return name;
    const known = this.#renamed.get(key) ?? this.#names.get(key);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_INTENTS) return OTHER;
    this.#names.set(key, name);
    return name;
  }
}

/** Returns a category as it is written; undefined for what is none. */
export function categoryOf(text: string): string | undefined {
  const name = clean(text);
  return name === '' || name.length > MAX_LENGTH || name.split(' ').length > MAX_WORDS ? undefined : name;
}

function clean(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}+#&']+/gu, ' ')
    .trim();
}

/** Words without the English plural, in any order: “refund requests” and “request refund” are one. */
function keyOf(name: string): string {
  return clean(name)
    .split(' ')
    .map((word) => word.replace(/ies$/, 'y').replace(/(?<=..[^s])s$/, ''))
    .sort()
    .join(' ');
}
