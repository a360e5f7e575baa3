const UNUSUAL =
  /[\u00a0\u00ab\u00bb\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\u2000-\u201f\u202f\u2212\u3000\u300c-\u300f\uff01-\uff5e]/;
const EACH = new RegExp(UNUSUAL, 'g');

/** First digits of the scripts whose digits are searched: Arabic, Persian, Devanagari, Bengali, Thai. */
const ZEROS = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0e50];

/**
 * Returns a text of the same length in which Unicode spaces, hyphens, quotes, digits and full-width characters are their ASCII
 * equivalents, so that one pattern finds all spellings of a number.
 */
export function toAsciiForm(text: string): string {
  return UNUSUAL.test(text) ? text.replaceAll(EACH, asciiOf) : text;
}

function asciiOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  const zero = ZEROS.find((each) => code >= each && code <= each + 9);
  if (zero !== undefined) return String(code - zero);
  if (code === 0x2018 || code === 0x2019) return "'";
  if ((code >= 0x201a && code <= 0x201f) || code >= 0x300c || code === 0xab || code === 0xbb) return '"';
  return (code >= 0x2010 && code <= 0x2015) || code === 0x2212 ? '-' : ' ';
}
