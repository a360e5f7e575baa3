/** Half of a surrogate pair without its other half. JSON parsers of other languages refuse a whole request for one of them. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ANY_SURROGATE = /[\ud800-\udfff]/;

/** The text with every lone surrogate replaced by U+FFFD. (`String.prototype.toWellFormed` is not everywhere yet.) */
export function wellFormed(text: string): string {
  return ANY_SURROGATE.test(text) ? text.replaceAll(LONE_SURROGATE, '\ufffd') : text;
}
