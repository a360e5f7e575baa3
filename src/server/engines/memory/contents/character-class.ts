/** Classes of characters beyond ASCII, by what `toSearchable()` does to them. */
export const [OTHER, STABLE, CAPITAL, WHITE_SPACE] = [1, 2, 3, 4];

/** Class by code point; 0 until it is asked for. */
const known = new Uint8Array(0x1_00_00);
const GREEK_SIGMA = 0x3a3;

/**
 * Returns the class of a character, which is the same whatever stands beside it: `STABLE` if its searchable form is itself, `CAPITAL` if it is
 * a lower-case letter of as many bytes, of which it is the capital. `OTHER` are marks and what else depends on its neighbours.
 */
export function classOf(code: number): number {
  // U+1F000 to U+1FFFF: emoji. Other characters beyond the first plane are rare.
  if (code > 0xff_ff) return code >= 0x1_f0_00 && code <= 0x1_ff_ff ? STABLE : OTHER;
  return known[code] || (known[code] = findClass(code));
}

function findClass(code: number): number {
  const character = String.fromCharCode(code);
  if (/\s/.test(character)) return WHITE_SPACE;
  // U+FFFD is what a lone surrogate becomes in UTF-8. The lower case of sigma depends on its place in the word.
  if (code === 0xff_fd || code === GREEK_SIGMA || !isAlone(character)) return OTHER;
  const lower = character.toLowerCase();
  if (lower === character) return STABLE;
  const isLetterOf = lower.length === 1 && isAlone(lower) && lower.toUpperCase() === character;
  return isLetterOf && Buffer.byteLength(lower) === Buffer.byteLength(character) ? CAPITAL : OTHER;
}

/** Returns true if no normalization composes the character with others, or changes it. */
function isAlone(character: string): boolean {
  // Vowels and final consonants of Hangul compose with what precedes them, and are no marks.
  return !/[\p{M}\p{Cs}\u1160-\u11ff]/u.test(character) && character.normalize('NFC') === character;
}
