import { isEmpty } from '../../../common/unknown-values.js';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { COST_PROPERTIES } from '../../model/cost.js';
import type { NewRecord } from '../../model/stored-record.js';

type Properties = Readonly<Record<string, PropertyValue>>;

/** Name under which a `cost` of the application is kept that is no cost in US dollars, as `metadata.<name>` of a fact. */
const REPLACED_COST = 'metadata.cost';

/** Returns the properties of a record as they were sent: without what a server added about its cost. */
export function withoutCost({ properties }: Pick<NewRecord, 'properties'>): Properties {
  if (!hasCost(properties)) return properties;
  const { cost_source: source, [REPLACED_COST]: replaced, ...sent } = properties;
  const others: Record<string, PropertyValue> = { ...sent };
  for (const name of COST_PROPERTIES) if (name !== 'cost') delete others[name];
  if (source === undefined || source === 'sent')
    return replaced === undefined ? others : { ...others, [REPLACED_COST]: replaced };
  delete others['cost'];
  return replaced === undefined ? others : { ...others, cost: replaced };
}

/**
 * Returns true if the properties have one of {@link COST_PROPERTIES}. Each is named: a loop over them takes several times as long
 * (test/bench/intake.mjs).
 */
function hasCost(properties: Properties): boolean {
  return (
    'cost' in properties ||
    'cost_source' in properties ||
    'cost_table' in properties ||
    'priced_calls' in properties ||
    'unpriced_calls' in properties ||
    'cost_by_model' in properties
  );
}

/** Returns the properties of a record as it was sent, with others about its cost. */
export function withCost(record: Pick<NewRecord, 'properties'>, priced: Properties): Properties {
  const { properties: sent } = record;
  if (isEmpty(priced)) return sent;
  const isReplaced =
    priced['cost'] !== undefined && priced['cost_source'] !== 'sent' && sent['cost'] !== undefined;
  const replaced = isReplaced ? { [REPLACED_COST]: sent['cost'] ?? null } : undefined;
  // Spreads of objects that were just parsed take twenty times as long (test/bench/intake.mjs).
  return Object.assign({}, sent, replaced, priced);
}
