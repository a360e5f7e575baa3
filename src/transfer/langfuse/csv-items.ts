import { asText } from '../../common/unknown-values.js';
import { cellsOf, type CsvRow } from '../input/split-csv.js';
import type { RawItem } from '../input/split-items.js';

/** Columns of the page's exports to CSV by which they are recognised: observations, traces, scores. */
const SIGNS: readonly (readonly string[])[] = [
  ['id', 'type', 'traceId', 'startTime'],
  ['id', 'timestamp', 'userId', 'sessionId'],
  ['traceId', 'observationId', 'name', 'value'],
];

/** Columns with numbers that are read as such. All others can be texts. */
const NUMBERS = new Set(['value', 'promptTokens', 'completionTokens', 'totalTokens', 'promptVersion']);

/** Returns whether the first line of a file has the columns of an export of Langfuse. */
export function isLangfuseHeader(line: string): boolean {
  if (/^\s*[{[]/.test(line)) return false;
  const names = new Set(cellsOf(line.replace(/\r$/, '')));
  return SIGNS.some((columns) => columns.every((name) => names.has(name)));
}

/** Reads the rows of the page's exports to CSV as the objects that its exports to JSON have. */
export class LangfuseCsv {
  readonly #names: readonly string[];

  constructor(header: CsvRow) {
    this.#names = header.cells ?? [];
  }

  read({ place, cells }: CsvRow): RawItem {
    if (!cells) return { place, text: undefined };
    const entries = this.#names.map((name, at) => [name, valueOf(name, cells[at] ?? '')]);
    return { place, text: JSON.stringify(Object.fromEntries(entries)) };
  }
}

/**
 * Returns the value of a cell. Values that are no texts are JSON, and empty if there is none. Versions before 2026 write texts as JSON as well, later ones
 * times alone: `"2026-03-01T10:00:00.000Z"` in quotes (Langfuse, `transformStreamToCsv.ts`).
 */
function valueOf(name: string, cell: string): unknown {
  if (cell === '') return undefined;
  if (NUMBERS.has(name) && Number.isFinite(Number(cell))) return Number(cell);
  if (!/^(?:"[^]*"|\{[^]*\}|\[[^]*\])$/.test(cell)) return cell;
  try {
    const value: unknown = JSON.parse(cell);
    return typeof value === 'string' ? asText(value) : value;
  } catch {
    return cell;
  }
}
