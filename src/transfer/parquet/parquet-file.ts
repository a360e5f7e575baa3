import type { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { asRecord, type UnknownRecord } from '../../common/unknown-values.js';
import { CHANGE_COLUMN, RECORD_COLUMNS, rowsOf, type ParquetColumn } from './columns.js';
import { loadParquetLibrary } from './load-library.js';

/** Limits of a row group, which is held in memory. Readers skip whole groups, and like them large. */
const GROUP_ROWS = 10_000;
const GROUP_LENGTH = 16 * 1024 * 1024;

export interface ParquetFileOptions {
  /** True for an export of changes. */
  readonly hasChanges: boolean;
  /** Writes the next bytes of the file. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Default 10,000. */
  readonly groupRows?: number;
}

/** Writes JSON lines of an export as a Parquet file, one row group after the other. */
export class ParquetFile {
  readonly #options: ParquetFileOptions;
  readonly #columns: readonly ParquetColumn[];
  readonly #bytes: ByteWriter;
  readonly #writer: ParquetWriter;
  #rows: UnknownRecord[] = [];
  /** Characters of the lines of the rows. */
  #length = 0;

  private constructor(options: ParquetFileOptions, bytes: ByteWriter, writer: ParquetWriter) {
    this.#options = options;
    this.#columns = columnsOf(options);
    this.#bytes = bytes;
    this.#writer = writer;
  }

  /** @throws MissingParquetLibraryError */
  static async create(options: ParquetFileOptions): Promise<ParquetFile> {
    const library = await loadParquetLibrary();
    const bytes = new library.ByteWriter();
    const schema = library.schemaFromColumnData({
      columnData: columnsOf(options).map(({ name, type }) => ({ name, type, data: [], nullable: true })),
    });
    return new ParquetFile(options, bytes, new library.ParquetWriter({ writer: bytes, schema }));
  }

  /** Takes whole lines. */
  async add(lines: string): Promise<void> {
    for (const line of lines.split('\n')) {
      if (line === '') continue;
      const rows = rowsOf(asRecord(JSON.parse(line)));
      // One line of removals can fill several groups.
      for (const row of rows) await this.#addRow(row, line.length / rows.length);
    }
  }

  async #addRow(row: UnknownRecord, length: number): Promise<void> {
    this.#rows.push(row);
    this.#length += length;
    const groupRows = this.#options.groupRows ?? GROUP_ROWS;
    if (this.#rows.length >= groupRows || this.#length >= GROUP_LENGTH) await this.#endGroup();
  }

  /** Writes what is left. The file is complete then, also without any row. */
  async end(): Promise<void> {
    await this.#endGroup();
    await this.#writer.finish();
    await this.#flush();
  }

  async #endGroup(): Promise<void> {
    const rows = this.#rows;
    this.#rows = [];
    this.#length = 0;
    const columnData = this.#columns.map(({ name, type, valueOf }) => ({
      name,
      type,
      data: rows.map((row) => valueOf(row)),
    }));
    await this.#writer.write({ columnData, rowGroupSize: rows.length });
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const { write } = this.#options;
    const bytes = Uint8Array.from(this.#bytes.getBytes());
    // The writer goes on counting from the beginning of the file.
    this.#bytes.index = 0;
    if (bytes.length > 0) await write(bytes);
  }
}

function columnsOf({ hasChanges }: ParquetFileOptions): readonly ParquetColumn[] {
  return hasChanges ? [CHANGE_COLUMN, ...RECORD_COLUMNS] : RECORD_COLUMNS;
}
