/** What spreadsheets execute, also after blanks, in some locales also in the full-width forms. */
const FORMULA = /^'*(?:[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠]|[\t\r\n])/u;
/**
 * What spreadsheets change because they take it for a number: of more than 15 digits they keep 15, zeros in front are dropped, and `12e34567`,
 * as hashes can be, is infinite.
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
