import { createHash } from 'node:crypto';
import { categoryOf, keyOf, MAX_INTENTS, OTHER } from './category-names.js';
import { UNCLEAR } from './label-values.js';

/** Categories that are known. A new one that is written differently is joined to the known one. */
export class Intents {
  readonly #names = new Map<string, string>();

  /** New names, by {@link formerKeyOf} the former ones. */
  readonly #renamed: ReadonlyMap<string, string>;

  /**
   * @param names the most important first
   * @param renamed names that people have given, by {@link formerKeyOf} the former ones
   */
  constructor(names: readonly string[] = [], renamed: Readonly<Record<string, string>> = {}) {
    this.#renamed = new Map(Object.entries(renamed));
    for (const name of names) {
      const key = keyOf(name);
      // Another server may still have used the former name.
      const named = this.#renamed.get(formerKeyOf(name)) ?? name;
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
    const known = this.#renamed.get(formerKeyOf(name)) ?? this.#names.get(key);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_INTENTS) return OTHER;
    this.#names.set(key, name);
    return name;
  }
}

/**
 * Returns the key under which a former name is kept, however it is written: a hash. A model has made the name of what people wrote, and the key stays when their
 * texts are erased.
 */
export function formerKeyOf(name: string): string {
  return createHash('sha256').update(keyOf(name)).digest('hex').slice(0, 32);
}

/** Returns true for what {@link formerKeyOf} returns. */
export function isFormerKey(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}
