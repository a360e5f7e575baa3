import type { PricesInfo } from '../../model/cost.js';
import type { NewRecord } from '../../model/stored-record.js';
import { withCost, withoutCost } from './cost-properties.js';
import { loadPriceTable } from './load-price-table.js';
import type { OwnPricesFile } from './own-prices-file.js';
import type { PriceSources } from './price-call.js';
import type { PriceTable } from './price-table.js';
import { isPriced, priceRecord } from './price-record.js';

export interface PricingOptions {
  readonly own?: OwnPricesFile | undefined;
  /** Default: the one that this package brings along. */
  readonly table?: () => Promise<PriceTable>;
}

/**
 * Records whose cost is computed: at their `arrival` those that no server has priced, later those with `gaps`, or `all`. A cost that was sent
 * is never replaced.
 */
export type PricingScope = 'arrival' | 'gaps' | 'all';

/** Adds to records what they cost. */
export class Pricing {
  readonly #own: OwnPricesFile | undefined;
  readonly #table: () => Promise<PriceTable>;

  constructor({ own, table = loadPriceTable }: PricingOptions = {}) {
    this.#own = own;
    this.#table = table;
  }

  /**
   * Returns records with the properties of `COST_PROPERTIES`, at the prices that are known now for the time of the record. Records that do not
   * change are the same objects.
   */
  async price<R extends NewRecord>(
    records: readonly R[],
    scope: PricingScope = 'arrival',
  ): Promise<readonly R[]> {
    if (records.length === 0) return records;
    const [own, table] = await Promise.all([this.#own?.read(), this.#table()]);
    return records.map((record) => {
      if (scope !== 'all' && isPriced(record) && (scope === 'arrival' || unpricedIn(record) === 0))
        return record;
      // Removes a cost that was computed earlier, which would be taken for one that was sent.
      const bare = withoutCost(record);
      if (bare === record.properties) return priceBare(record, { own, table });
      const sent = { ...record, properties: bare };
      const properties = withCost(sent, priceRecord(sent, { own, table }));
      const fillsNothing =
        scope === 'gaps' && isPriced(record) && unpricedIn({ properties }) >= unpricedIn(record);
      return fillsNothing || isSame(properties, record.properties) ? record : { ...record, properties };
    });
  }

  async info(): Promise<PricesInfo> {
    return { tableDate: (await this.#table()).date, own: this.#own !== undefined };
  }
}

/** Prices a record without any property about its cost, as nearly all arrive: the comparison of before and after is not needed. */
function priceBare<R extends NewRecord>(record: R, sources: PriceSources): R {
  const properties = withCost(record, priceRecord(record, sources));
  return properties === record.properties ? record : { ...record, properties };
}

/** Returns the calls of a priced turn that have no price. */
function unpricedIn({ properties }: Pick<NewRecord, 'properties'>): number {
  return Number(properties['unpriced_calls'] ?? 0);
}

function isSame(a: NewRecord['properties'], b: NewRecord['properties']): boolean {
  return a === b || sortedJson(a) === sortedJson(b);
}

function sortedJson(properties: NewRecord['properties']): string {
  return JSON.stringify(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1)));
}
