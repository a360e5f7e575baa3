/** Lone surrogates. JSON parsers of other languages refuse a whole request because of one. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ANY_SURROGATE = /[\ud800-\udfff]/;

/** Replaces every lone surrogate by U+FFFD. `String.prototype.toWellFormed` is missing in older browsers. */
export function wellFormed(text: string): string {
  return ANY_SURROGATE.test(text) ? text.replaceAll(LONE_SURROGATE, '\ufffd') : text;
}
