/** What JSON escapes beside quotes and backslashes; halves of surrogate pairs, for they may be alone. */
// oxlint-disable-next-line no-control-regex -- JSON escapes exactly these
const CONTROL = /[\u0000-\u001f\ud800-\udfff]/;

/**
 * A text as JSON, as `JSON.stringify` writes it, which takes V8 four nanoseconds a character. A text without anything to escape is
 * not even copied.
 */
export function quoteJson(text: string): string {
  // Three looks are quicker than one: the first two go through memory many characters at a time.
  const isPlain = !text.includes('"') && !text.includes('\\') && !CONTROL.test(text);
  return isPlain ? `"${text}"` : JSON.stringify(text);
}
