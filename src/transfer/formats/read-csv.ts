import { isRecord, parseJson } from '../../common/unknown-values.js';
import { parseRecords } from '../../server/ingest/ingestion/parse-records.js';
import { unguardedText } from '../../server/http/export/spreadsheet-text.js';
import type { CsvRow } from '../input/split-csv.js';
import type { ReadRecord } from './read-record.js';
import { toReadRecord } from './to-read-record.js';

/** Ending of a cell that the export has cut, because it was longer than a spreadsheet permits. */
const CUT = '… (cut)';

/** Reads the rows of `GET /api/export?format=csv`, by the names in its first row. */
export class CsvReader {
  readonly #names: readonly string[];

  constructor(header: CsvRow) {
    this.#names = header.cells ?? [];
  }

  read({ cells }: CsvRow): ReadRecord {
    if (!cells) return { reason: 'too_long' };
    const row = new Map(this.#names.map((name, at) => [name, unguardedText(cells[at] ?? '')]));
    const text = (name: string): string => row.get(name) ?? '';
    const cutColumn = ['prompt', 'generation', 'properties'].find((name) => text(name).endsWith(CUT));
    if (cutColumn !== undefined)
      return { reason: 'invalid', detail: `${cutColumn}: cut by the export to CSV; use JSON lines` };
    const properties = parseJson(text('properties'));
    if (!isRecord(properties)) return { reason: 'invalid', detail: 'properties: not a JSON object' };
    const record = {
      kind: text('kind'),
      id: text('id'),
      userId: text('user_id'),
      threadId: text('thread_id'),
      timestamp: text('timestamp'),
      receivedAt: text('received_at'),
      tags: tagsOf(properties, text('tags')),
      properties,
      ...(text('kind') === 'event'
        ? { event: text('event') }
        : { prompt: text('prompt'), generation: text('generation') }),
      ...(text('assistant_id') !== '' && { assistantId: text('assistant_id') }),
      ...(text('latency') !== '' && { latency: text('latency') }),
    };
    return toReadRecord(parseRecords([record], new Date()), (parsed) => parsed);
  }
}

/** Returns the tags as a list. The column joins them, so that one with a comma could not be told from two. */
function tagsOf(properties: Readonly<Record<string, unknown>>, cell: string): readonly unknown[] {
  const { tags } = properties;
  if (Array.isArray(tags) && tags.join(', ') === cell) return tags;
  return cell === '' ? [] : cell.split(', ');
}
