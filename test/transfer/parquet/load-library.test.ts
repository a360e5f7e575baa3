import { expect, test } from 'vitest';
import { loadParquetLibrary } from '../../../src/transfer/parquet/load-library.js';

test('without the library, one line says what to install; other errors are passed on', async () => {
  const failing = (code: string) => () => Promise.reject(Object.assign(new Error('failed'), { code }));
  for (const code of ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'])
    await expect(loadParquetLibrary(failing(code))).rejects.toThrow(
      /^Parquet needs a package that is not installed.*npm install hyparquet-writer$/,
    );
  await expect(loadParquetLibrary(failing('ERR_OTHER'))).rejects.toThrow('failed');
});
