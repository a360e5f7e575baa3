import { PriceTable, type PriceTableData } from './price-table.js';

let loaded: Promise<PriceTable> | undefined;

/** Returns the table that this package brings along. It is read when it is first needed. */
export function loadPriceTable(): Promise<PriceTable> {
  loaded ??= import('./table/price-table-data.js').then(
    ({ PRICE_TABLE_JSON }) => new PriceTable(JSON.parse(PRICE_TABLE_JSON) as PriceTableData),
  );
  return loaded;
}
