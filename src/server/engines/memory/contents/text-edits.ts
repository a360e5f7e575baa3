/**
 * What makes a text of its searchable form. A number is a count of characters to skip; it is followed by the text that replaces the
 * space there or, if a number follows or nothing, the next character becomes a capital.
 */
export type TextEdits = readonly (number | string)[];

/** Edits per character from which the text itself is not longer. */
const MAX_SHARE = 1 / 6;

/**
 * Returns the edits that turn `searchable` into `text`, where only capitals and white space differ; undefined where more does, or where
 * so much does that the text is better kept.
 */
export function editsOf(text: string, searchable: string): TextEdits | undefined {
  if (text.length < searchable.length) return undefined;
  const most = text.length * MAX_SHARE + 4;
  const edits: (number | string)[] = [];
  let [at, last, hasSurrogates] = [0, 0, false];
  for (let place = 0; place < searchable.length; place++) {
    const code = searchable.charCodeAt(place);
    const start = at;
    hasSurrogates ||= code >= 0xd8_00 && code <= 0xdf_ff;
    if (code === SPACE) while (isSpace(text.charCodeAt(at))) at++;
    else at++;
    // The same, or one space for one space.
    if (text.charCodeAt(start) === code && at === start + 1) continue;
    if (at === start || edits.length > most) return undefined;
    edits.push(place - last);
    last = place + 1;
    if (code === SPACE) edits.push(text.slice(start, at));
    else if (text[start] !== searchable[place]?.toUpperCase()) return undefined;
  }
  // A lone surrogate has no UTF-8.
  if (at < text.length || (hasSurrogates && /\p{Surrogate}/u.test(text))) return undefined;
  return edits;
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

const SPACE = 0x20;

function isSpace(code: number): boolean {
  return code === SPACE || (code >= 9 && code <= 13) || (code > 127 && /\s/.test(String.fromCharCode(code)));
}
