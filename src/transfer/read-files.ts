import { codeOf } from '../common/unknown-values.js';
import { DeletedRecords } from './formats/deleted-records.js';
import { parseItem } from './formats/parse-item.js';
import { CsvReader } from './formats/read-csv.js';
import { isSkip, type PlacedRecord, type ReadRecord } from './formats/read-record.js';
import { readValue } from './formats/read-value.js';
import { splitCsv, type CsvRow } from './input/split-csv.js';
import type { Place, RawItem } from './input/split-items.js';
import { LangfuseCsv } from './langfuse/csv-items.js';
import { readLangfuseExport } from './langfuse/read-export.js';
import { itemsOf, type KnownFile } from './recognise-file.js';

/** Called with the number of bytes that were read, as they are stored. */
export type OnRead = (bytes: number) => void;

type Chunks<T> = AsyncGenerator<readonly T[], void>;

/**
 * Reads the records of all files, one file after the other. Files of Langfuse are joined, and come last. The same files give the same records
 * in the same order, so that an import can go on where it was interrupted.
 */
export async function* readFiles(files: readonly KnownFile[], onRead?: OnRead): Chunks<PlacedRecord> {
  for (const file of files) if (file.content !== 'langfuse') yield* readFile(file, onRead);
  const langfuse = files.filter(({ content }) => content === 'langfuse');
  if (langfuse.length > 0) yield* readLangfuse(langfuse, onRead);
}

async function* readFile(file: KnownFile, onRead: OnRead | undefined): Chunks<PlacedRecord> {
  const damage = new Damage();
  const deleted = file.content === 'log' ? await readDeletions(file) : undefined;
  yield* damage.watch(
    file,
    file.framing === 'csv' ? readCsv(file, onRead) : readItems(file, deleted, onRead),
  );
  yield damage.found;
}

async function* readItems(
  { source, framing }: KnownFile,
  deleted: DeletedRecords | undefined,
  onRead: OnRead | undefined,
): Chunks<PlacedRecord> {
  const fallbackTime = new Date(source.changedMs ?? Date.now());
  const complete = (read: ReadRecord, { number }: Place): ReadRecord => {
    const reason = isSkip(read) ? undefined : deleted?.reasonAt(read, number);
    return reason ? { reason } : read;
  };
  for await (const items of itemsOf(source.open(onRead), framing, source.name))
    yield items.flatMap((item): readonly PlacedRecord[] => {
      const { place } = item;
      const values = parseItem(item);
      if ('reason' in values) return [{ place, read: values }];
      return values.map((value) => ({
        place,
        read: complete(readValue(value, { place, fallbackTime }), place),
      }));
    });
}

/** Reads which records the file deletes. */
async function readDeletions({ source, framing }: KnownFile): Promise<DeletedRecords> {
  const deleted = new DeletedRecords();
  const note = (item: RawItem): void => {
    // Records are the most lines by far, and need not be parsed twice.
    if (!/"(?:removed|erased)":/.test(item.text ?? '')) return;
    const values = parseItem(item);
    if (!('reason' in values)) for (const value of values) deleted.note(value, item.place.number);
  };
  try {
    for await (const items of itemsOf(source.open(), framing, source.name)) items.forEach(note);
  } catch {
    // The damage is reported when the records are read.
  }
  return deleted;
}

async function* readCsv({ source }: KnownFile, onRead: OnRead | undefined): Chunks<PlacedRecord> {
  let reader: CsvReader | undefined;
  for await (const rows of splitCsv(source.open(onRead), source.name)) {
    const [header] = rows;
    const body = reader ? rows : rows.slice(1);
    reader ??= header && new CsvReader(header);
    yield body.flatMap((row) => (reader ? [{ place: row.place, read: reader.read(row) }] : []));
  }
}

async function* readLangfuse(files: readonly KnownFile[], onRead: OnRead | undefined): Chunks<PlacedRecord> {
  const damage = new Damage();
  const items = (async function* (): Chunks<RawItem> {
    for (const file of files) yield* damage.watch(file, langfuseItemsOf(file, onRead));
  })();
  const bytes = files.reduce((sum, { source }) => sum + (source.size ?? 0), 0);
  const isCompressed = files.some(({ source }) => source.isCompressed === true);
  yield* readLangfuseExport({ items, bytes, isCompressed });
  yield damage.found;
}

function langfuseItemsOf(
  { source, framing }: KnownFile,
  onRead: OnRead | undefined,
): AsyncIterable<readonly RawItem[]> {
  const bytes = source.open(onRead);
  return framing === 'csv'
    ? langfuseRows(splitCsv(bytes, source.name))
    : itemsOf(bytes, framing, source.name);
}

async function* langfuseRows(rows: AsyncIterable<readonly CsvRow[]>): Chunks<RawItem> {
  let csv: LangfuseCsv | undefined;
  for await (const chunk of rows) {
    const body = csv ? chunk : chunk.slice(1);
    csv ??= chunk[0] && new LangfuseCsv(chunk[0]);
    yield body.flatMap((row) => csv?.read(row) ?? []);
  }
}

/** Reads files until a damaged place, such as the end of a compressed file that was cut, and keeps where it is. */
class Damage {
  readonly found: PlacedRecord[] = [];

  async *watch<T extends { readonly place: Place }>(
    { source, framing }: KnownFile,
    chunks: AsyncIterable<readonly T[]>,
  ): Chunks<T> {
    const unit = framing === 'csv' ? 'row' : framing === 'json' ? 'item' : 'line';
    let last: Place = { file: source.name, unit, number: 0 };
    const iterator = chunks[Symbol.asyncIterator]();
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        // An error of the file or of its compression has a code; all others are faults of this program.
        if (codeOf(error) === undefined) throw error;
        return undefined;
      });
      if (next === undefined) {
        const place = { ...last, number: last.number + 1 };
        this.found.push({ place, read: { reason: 'damaged' } });
        return;
      }
      if (next.done) return;
      last = next.value.at(-1)?.place ?? last;
      yield next.value;
    }
  }
}
