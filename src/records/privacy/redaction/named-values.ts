import type { PersonalDataKind } from './personal-data-kind.js';

export interface ValueRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A value that is personal because of the name in front of it: `password: hunter22`, `"api_key": "…"`, `SSN 123-45-6789`. A name is a
 * pattern that ends where the value begins. Only the value is redacted.
 */
export interface NamedValue {
  readonly kind: PersonalDataKind;
  readonly name: RegExp;
  /** A text that is in every name. The search is skipped in texts without it, which costs nothing. */
  readonly needs?: string;
  /** Returns the value at a position, which may begin with a quote that is not part of it. `undefined`: there is none. */
  readonly valueAt: (text: string, at: number) => ValueRange | undefined;
}

/** Returns a reader of what a sticky pattern matches. */
export function matchAt(value: RegExp): NamedValue['valueAt'] {
  return (text, at) => {
    value.lastIndex = at;
    const match = value.exec(text);
    return match ? { start: at, end: at + match[0].length } : undefined;
  };
}
