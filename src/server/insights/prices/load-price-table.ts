import { gunzipSync } from 'node:zlib';
import { PriceTable, type PriceTableData } from './price-table.js';

let loaded: Promise<PriceTable> | undefined;

/** Returns the table that this package brings along. It is read when it is first needed. */
export function loadPriceTable(): Promise<PriceTable> {
  loaded ??= import('./table/price-table-data.js').then(
    ({ PRICE_TABLE_GZIP }) => new PriceTable(parsePriceTable(PRICE_TABLE_GZIP)),
  );
  return loaded;
}

/** Reads the table as it is packed. */
export function parsePriceTable(packed: string): PriceTableData {
  return JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString()) as PriceTableData;
}
