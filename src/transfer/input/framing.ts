/** Division of a file into items. */
export type Framing = 'lines' | 'json' | 'csv';

/** The first columns of `GET /api/export?format=csv`. */
const OWN_CSV = /^id,kind,timestamp,received_at,/;

/** Returns whether the first line of a file is that of an export of this package to CSV. */
export function isOwnCsv(line: string): boolean {
  return OWN_CSV.test(line);
}

/** Returns the first line of a file, from its beginning. */
export function firstLineOf(head: Buffer): string {
  return (
    head
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .split('\n', 1)[0] ?? ''
  );
}

/**
 * Returns how a file is divided, from its beginning. Undefined if it is in UTF-16, which must be converted first.
 *
 * @param isCsv returns whether a first line is that of a CSV
 */
export function framingOf(head: Buffer, isCsv: (line: string) => boolean = isOwnCsv): Framing | undefined {
  if (isUtf16(head)) return undefined;
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  if (isCsv(firstLineOf(head))) return 'csv';
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const first = lines[0]?.trim() ?? '';
  if (isJson(first)) return 'lines';
  if (first.startsWith('[')) return 'json';
  // An object over several lines, unless it is one bad line among others.
  if (first.startsWith('{') && !lines.slice(1).some((line) => line.startsWith('{') && isJson(line)))
    return 'json';
  return 'lines';
}

function isUtf16(head: Buffer): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
