/** Spaces, controls, what is not drawn, such as a character without width, and the empty pattern of Braille. */
const INVISIBLE = /^[\p{Z}\p{Cc}\p{DI}\u2800]*$/u;

/** Returns the first text of which something can be seen, and so clicked; else `(blank)`. */
export function visibleText(...texts: readonly string[]): string {
  return texts.find((text) => !INVISIBLE.test(text)) ?? '(blank)';
}
