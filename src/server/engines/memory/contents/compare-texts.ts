import type { CountWriter } from './text-edits.js';

/**
 * Adds the edits that turn `searchable` into `text`. Returns false where more differs than capitals and white space; the edits are then of no
 * use. For texts that `foldText()` cannot fold: those with marks, such as Thai, Hindi, or Arabic with vowels.
 */
export function addEdits(text: string, searchable: string, edits: CountWriter): boolean {
  // A lone surrogate has no UTF-8.
  if (/\p{Surrogate}/u.test(text)) return false;
  // `skipped` counts bytes since the last edit.
  let [at, place, skipped] = [0, 0, 0];
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const isSpace = code <= 0x20 || code >= 0x80 ? /\s/.test(text[at] ?? '') : false;
    if (!isSpace && code === searchable.charCodeAt(place)) {
      skipped += bytesOf(code);
      at++;
      place++;
      continue;
    }
    if (isSpace) {
      if (searchable[place] !== ' ') return false;
      const end = endOfSpace(text, at);
      if (end === at + 1 && code === 0x20) skipped++;
      else {
        edits.add(skipped);
        edits.add(end - at);
        for (let unit = at; unit < end; unit++) edits.add(text.charCodeAt(unit));
        skipped = 0;
      }
      at = end;
      place++;
      continue;
    }
    const [capital, letter] = [text.codePointAt(at) ?? 0, searchable.codePointAt(place) ?? 0];
    if (String.fromCodePoint(letter).toUpperCase() !== String.fromCodePoint(capital)) return false;
    edits.add(skipped);
    skipped = 0;
    at += capital > 0xff_ff ? 2 : 1;
    place += letter > 0xff_ff ? 2 : 1;
  }
  return place === searchable.length;
}

/** Returns the bytes of a UTF-16 code unit in UTF-8; half of them for a surrogate. */
function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  return code < 0x8_00 || (code >= 0xd8_00 && code <= 0xdf_ff) ? 2 : 3;
}

function endOfSpace(text: string, start: number): number {
  const space = /\s*/y;
  space.lastIndex = start;
  space.exec(text);
  return space.lastIndex;
}
