import { wellFormed } from './well-formed.js';

/** The first characters of a text, without cutting one in two. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return wellFormed(text);
  const splitsPair =
    /[\ud800-\udbff]/.test(text.charAt(maxLength - 1)) && /[\udc00-\udfff]/.test(text.charAt(maxLength));
  return wellFormed(text.slice(0, splitsPair ? maxLength - 1 : maxLength));
}
