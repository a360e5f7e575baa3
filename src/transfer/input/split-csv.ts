import { ItemParts, MAX_ITEM_BYTES, type Place } from './split-items.js';

/** One row of a CSV file. */
export interface CsvRow {
  readonly place: Place;
  /** Undefined if the row is longer than the limit. */
  readonly cells: readonly string[] | undefined;
}

const [LINE_FEED, QUOTE] = [0x0a, 0x22];

/** Splits a CSV file (RFC 4180) into its rows. Rows are numbered from the row after the header. */
export async function* splitCsv(
  bytes: AsyncIterable<Buffer>,
  file: string,
  maxBytes = MAX_ITEM_BYTES,
): AsyncGenerator<readonly CsvRow[], void> {
  const parts = new ItemParts(maxBytes);
  let number = -1;
  let isQuoted = false;
  const take = (): CsvRow[] => {
    const text = parts.take()?.replace(/^\uFEFF|\r$/g, '');
    if (text === '') return [];
    number++;
    return [{ place: { file, unit: 'row', number }, cells: text === undefined ? undefined : cellsOf(text) }];
  };
  for await (const chunk of bytes) {
    const rows: CsvRow[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      // A doubled quote ends the quoted text and begins it again.
      if (byte === QUOTE) isQuoted = !isQuoted;
      else if (byte === LINE_FEED && !isQuoted) {
        parts.add(chunk.subarray(from, at));
        rows.push(...take());
        from = at + 1;
      }
    }
    parts.add(chunk.subarray(from));
    if (rows.length > 0) yield rows;
  }
  if (!parts.isEmpty) yield take();
}

/** Returns the cells of one row. */
export function cellsOf(row: string): readonly string[] {
  const cells: string[] = [];
  for (let at = 0; at <= row.length;) {
    const isQuoted = row[at] === '"';
    const end = isQuoted ? endOfQuoted(row, at) : endOfPlain(row, at);
    const cell = row.slice(at, end);
    cells.push(isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    at = end + 1;
  }
  return cells;
}

function endOfPlain(row: string, from: number): number {
  const comma = row.indexOf(',', from);
  return comma === -1 ? row.length : comma;
}

/** Returns the index after the closing quote. */
function endOfQuoted(row: string, from: number): number {
  let at = from + 1;
  while (at < row.length) {
    if (row[at] !== '"') at++;
    else if (row[at + 1] === '"') at += 2;
    else return at + 1;
  }
  return row.length;
}
