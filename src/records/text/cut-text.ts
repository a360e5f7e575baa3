import { wellFormed } from './well-formed.js';

/** Returns at most `maxLength` characters of a text. Never cuts a surrogate pair in two. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return wellFormed(text);
  const splitsPair =
    /[\ud800-\udbff]/.test(text.charAt(maxLength - 1)) && /[\udc00-\udfff]/.test(text.charAt(maxLength));
  return wellFormed(text.slice(0, splitsPair ? maxLength - 1 : maxLength));
}
