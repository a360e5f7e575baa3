/** Characters that spreadsheets execute, also after blanks, in some locales also in the full-width forms. */
const FORMULA = /^'*(?:[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠]|[\t\r\n])/u;
/**
 * Texts that spreadsheets change because they take them for numbers. They keep 15 digits, drop leading zeros, and read `12e34567` (a possible hash) as infinite.
 */
const CHANGED_NUMBER = /^'*\s*(?:\d{16,}|0\d+|\d+(?:\.\d*)?e[+-]?\d+)\s*$/i;

/** Returns a text as a cell of CSV that Excel, LibreOffice and Google Sheets keep as it is: after a quote, if they would change or execute it. */
export function guardedText(text: string): string {
  return isGuarded(text) ? `'${text}` : text;
}

/** Inverse of {@link guardedText}. */
export function unguardedText(cell: string): string {
  return cell.startsWith("'") && isGuarded(cell.slice(1)) ? cell.slice(1) : cell;
}

function isGuarded(text: string): boolean {
  return FORMULA.test(text) || CHANGED_NUMBER.test(text);
}
