/**
 * What makes a text of its searchable form. A number is a count of characters to skip; it is followed by the text that replaces the
 * space there or, if a number follows or nothing, the next character becomes a capital.
 */
export type TextEdits = readonly (number | string)[];

/** Edits per character from which the text itself is not longer. */
const MAX_SHARE = 1 / 6;
/** Edits of a short text beyond that share. */
const MAX_MORE = 4;

/** What can differ: white space that is no single space, a capital, characters beyond ASCII. */
const DIFFERENCE = /[^\S ]\s*| \s+|[A-Z]|(?:(?!\s)[^\0-\x7f])+/g;

/**
 * Returns the edits that turn `searchable` into `text`, where only capitals and white space differ; undefined where more does, or where
 * so much does that the text is better kept.
 *
 * A regular expression finds what can differ, because a loop over all characters takes several times as long.
 */
export function editsOf(text: string, searchable: string): TextEdits | undefined {
  if (text.length < searchable.length) return undefined;
  const most = text.length * MAX_SHARE + MAX_MORE;
  const edits: (number | string)[] = [];
  let [last, shift] = [0, 0];
  DIFFERENCE.lastIndex = 0;
  for (let match = DIFFERENCE.exec(text); match; match = DIFFERENCE.exec(text)) {
    const [found] = match;
    const place = match.index - shift;
    const isBeyondAscii = found.charCodeAt(0) > 0x7f && !/^\s/.test(found);
    // A lone surrogate has no UTF-8.
    if (isBeyondAscii && /\p{Surrogate}/u.test(found)) return undefined;
    if (isBeyondAscii && searchable.startsWith(found, place)) continue;
    if (edits.length > most) return undefined;
    if (isBeyondAscii) {
      for (let i = 0; i < found.length; i++) {
        if (found[i] === searchable[place + i]) continue;
        edits.push(place + i - last);
        last = place + i + 1;
      }
      continue;
    }
    edits.push(place - last);
    last = place + 1;
    if (/^[A-Z]/.test(found)) continue;
    edits.push(found);
    shift += found.length - 1;
  }
  return isWorthEdits(text, edits) && withEdits(searchable, edits) === text ? edits : undefined;
}

/** Returns true if edits are shorter than the text that they make. */
export function isWorthEdits(text: string, edits: TextEdits): boolean {
  return edits.length <= text.length * MAX_SHARE + MAX_MORE + 2;
}

/** Inverse of {@link editsOf}. */
export function withEdits(searchable: string, edits: TextEdits): string {
  let text = '';
  let [done, index] = [0, 0];
  while (index < edits.length) {
    const place = done + Number(edits[index++]);
    const replacement = edits[index];
    text += searchable.slice(done, place);
    text += typeof replacement === 'string' ? replacement : (searchable[place]?.toUpperCase() ?? '');
    if (typeof replacement === 'string') index++;
    done = place + 1;
  }
  return text + searchable.slice(done);
}
