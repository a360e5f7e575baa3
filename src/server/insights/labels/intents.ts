import { UNCLEAR } from './label-values.js';

/** Categories of a project. Further ones become {@link OTHER}. */
export const MAX_INTENTS = 40;
export const OTHER = 'other';
const MAX_LENGTH = 40;
const MAX_WORDS = 6;

/** Categories that are known. A new one that is written differently is joined to the known one. */
export class Intents {
  readonly #names = new Map<string, string>();

  /** @param names the most frequent first */
  constructor(names: readonly string[] = []) {
    for (const name of names.slice(0, MAX_INTENTS)) this.#names.set(keyOf(name), name);
  }

  get names(): readonly string[] {
    return [...this.#names.values()].filter((name) => name !== OTHER);
  }

  /** Returns the category of an answer: the known one, a new one, `other` if there are too many. Undefined if the answer is no category. */
  join(answer: string): string | undefined {
    const name = clean(answer);
    const key = keyOf(name);
    if (key === '' || name.length > MAX_LENGTH || name.split(' ').length > MAX_WORDS) return undefined;
    if (name === UNCLEAR || name === OTHER) return name;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_INTENTS) return OTHER;
    this.#names.set(key, name);
    return name;
  }
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
