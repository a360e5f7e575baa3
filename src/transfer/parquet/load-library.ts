import type { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import { codeOf } from '../../common/unknown-values.js';

/** The parts of `hyparquet-writer` that are used. */
export interface ParquetLibrary {
  readonly ByteWriter: typeof ByteWriter;
  readonly ParquetWriter: typeof ParquetWriter;
  readonly schemaFromColumnData: typeof schemaFromColumnData;
}

/** The library is no dependency, because few need it. */
export class MissingParquetLibraryError extends Error {
  override readonly name = 'MissingParquetLibraryError';

  constructor() {
    super(
      'Parquet needs a package that is not installed. Install it beside this one, and run the command again: npm install hyparquet-writer',
    );
  }
}

/** @throws MissingParquetLibraryError */
export async function loadParquetLibrary(
  load: () => Promise<ParquetLibrary> = () => import('hyparquet-writer'),
): Promise<ParquetLibrary> {
  try {
    return await load();
  } catch (error) {
    if (['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(String(codeOf(error))))
      throw new MissingParquetLibraryError();
    throw error;
  }
}
