/** Returns at most `maxLength` characters of a text. Never cuts a surrogate pair in two. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return wellFormed(text);
  const splitsPair =
    /[\ud800-\udbff]/.test(text.charAt(maxLength - 1)) && /[\udc00-\udfff]/.test(text.charAt(maxLength));
  return wellFormed(text.slice(0, splitsPair ? maxLength - 1 : maxLength));
}

/** Lone surrogates. JSON parsers of other languages refuse a whole request because of one. */
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ANY_SURROGATE = /[\ud800-\udfff]/;

/** Replaces every lone surrogate by U+FFFD. `String.prototype.toWellFormed` is missing in older browsers. */
export function wellFormed(text: string): string {
  return ANY_SURROGATE.test(text) ? text.replaceAll(LONE_SURROGATE, '\ufffd') : text;
}
