/** The value of a JSON text that may lack its end. */
export interface PartialJson {
  readonly value: unknown;
  /** True if the text ended before the value did. */
  readonly cut: boolean;
}

/**
 * Parses JSON that may have been cut, for example by a limit on the length of attributes. An open string keeps its characters; an open
 * array or object keeps its complete members and the readable part of the last one.
 *
 * Returns `undefined` if the text is not the beginning of a JSON value.
 */
export function parsePartialJson(text: string): PartialJson | undefined {
  const reader = new Reader(text);
  try {
    const value = reader.readValue(0);
    if (value === NOTHING) return undefined;
    reader.skipSpace();
    return reader.cut || reader.atEnd() ? { value, cut: reader.cut } : undefined;
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
}

/** Result of reading a value if the text ends before it begins. */
const NOTHING = Symbol('nothing');
const MAX_DEPTH = 200;
/** Python's `json.dumps` writes numbers that JSON lacks by these names. They are read as null. */
const LITERALS = {
  t: ['true', true],
  f: ['false', false],
  n: ['null', null],
  N: ['NaN', null],
  I: ['Infinity', null],
  '-I': ['-Infinity', null],
} as const;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class NotJson extends Error {}

/** Recursive-descent parser. Sets `cut` if the text ends inside a value. */
class Reader {
  cut = false;
  #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at += 1;
  }

  readValue(depth: number): unknown {
    this.skipSpace();
    if (this.atEnd()) {
      this.cut = true;
      return NOTHING;
    }
    if (depth > MAX_DEPTH) throw new NotJson();
    const first = this.#text.charAt(this.#at);
    if (first === '{') return this.#readObject(depth);
    if (first === '[') return this.#readArray(depth);
    if (first === '"') return this.#readString();
    const literal = first === '-' ? this.#text.slice(this.#at, this.#at + 2) : first;
    if (isLiteral(literal)) return this.#readLiteral(literal);
    return this.#readNumber();
  }

  #readObject(depth: number): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    this.#at += 1;
    for (let first = true; ; first = false) {
      if (this.#closes('}', first)) return members;
      if (this.#text.charAt(this.#at) !== '"') throw new NotJson();
      const key = this.#readString();
      this.skipSpace();
      if (this.#ends()) return members;
      if (this.#text.charAt(this.#at) !== ':') throw new NotJson();
      this.#at += 1;
      const value = this.readValue(depth + 1);
      if (value !== NOTHING && key !== '__proto__') members[key] = value;
      if (this.cut) return members;
    }
  }

  #readArray(depth: number): unknown[] {
    const items: unknown[] = [];
    this.#at += 1;
    for (let first = true; ; first = false) {
      if (this.#closes(']', first)) return items;
      const value = this.readValue(depth + 1);
      if (value !== NOTHING) items.push(value);
      if (this.cut) return items;
    }
  }

  /** Consumes the separator before the next member. Returns true at the closing bracket and at the end of the text. */
  #closes(bracket: string, first: boolean): boolean {
    this.skipSpace();
    if (this.#ends()) return true;
    if (this.#text.charAt(this.#at) === bracket) {
      this.#at += 1;
      return true;
    }
    if (first) return false;
    if (this.#text.charAt(this.#at) !== ',') throw new NotJson();
    this.#at += 1;
    this.skipSpace();
    return this.#ends();
  }

  #ends(): boolean {
    if (this.atEnd()) this.cut = true;
    return this.cut;
  }

  #readString(): string {
    let value = '';
    let from = this.#at + 1;
    for (;;) {
      let at = from;
      while (at < this.#text.length && this.#text.charAt(at) !== '"' && this.#text.charAt(at) !== '\\')
        at += 1;
      value += this.#text.slice(from, at);
      if (at >= this.#text.length) {
        this.#at = at;
        this.cut = true;
        return value;
      }
      if (this.#text.charAt(at) === '"') {
        this.#at = at + 1;
        return value;
      }
      const length = this.#text.charAt(at + 1) === 'u' ? 6 : 2;
      if (at + length > this.#text.length) {
        this.#at = this.#text.length;
        this.cut = true;
        return value;
      }
      value += unescape(this.#text.slice(at + 1, at + length));
      from = at + length;
    }
  }

  #readLiteral(first: keyof typeof LITERALS): boolean | null | typeof NOTHING {
    const [word, value] = LITERALS[first];
    const rest = this.#text.slice(this.#at, this.#at + word.length);
    if (!word.startsWith(rest)) throw new NotJson();
    this.#at += rest.length;
    if (rest === word) return value;
    this.cut = true;
    return NOTHING;
  }

  #readNumber(): number | typeof NOTHING {
    const digits = /^-?[\d.eE+-]*/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0] ?? '';
    if (digits === '') throw new NotJson();
    this.#at += digits.length;
    if (this.atEnd()) {
      // A number directly before the cut is dropped: "12" may have been "123".
      this.cut = true;
      return NOTHING;
    }
    const value = Number(digits);
    if (Number.isNaN(value)) throw new NotJson();
    return value;
  }
}

function isLiteral(start: string): start is keyof typeof LITERALS {
  return Object.hasOwn(LITERALS, start);
}

function unescape(escape: string): string {
  if (escape.startsWith('u')) return String.fromCharCode(Number.parseInt(escape.slice(1), 16) || 0xfffd);
  return ESCAPES[escape] ?? escape;
}
