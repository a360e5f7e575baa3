const UNUSUAL = /[\u00a0\u2000-\u2015\u202f\u2212\u3000\uff01-\uff5e]/;
const EACH = /[\u00a0\u2000-\u2015\u202f\u2212\u3000\uff01-\uff5e]/g;

/**
 * Returns a text of the same length in which Unicode spaces, hyphens and full-width characters are their ASCII equivalents, so that one
 * pattern finds all spellings of a number.
 */
export function toAsciiForm(text: string): string {
  return UNUSUAL.test(text) ? text.replaceAll(EACH, asciiOf) : text;
}

function asciiOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xff01) return String.fromCharCode(code - 0xfee0);
  return (code >= 0x2010 && code <= 0x2015) || code === 0x2212 ? '-' : ' ';
}
