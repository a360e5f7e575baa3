import {
  isPropertyDimension,
  PAIR_SEPARATOR,
  propertyOf,
  type Grouping,
} from '../../../../model/measure/dimensions.js';
import type { Parameters } from '../../client/parameters.js';
import { propertyText } from './property-values.js';

/** Grouping of records as SQL. Groups are texts; the empty one has the records without a value. */
export interface GroupKeys {
  /** The group of a record; of several, `arrayJoin` makes a row for each. */
  readonly key: string;
  /** Number of the group in the list `{listed:Array(String)}`, counted from 1; 0 for all others. A record is in each number once. */
  readonly slot: string;
  readonly parameters: Parameters;
}

/** @param index tells the placeholders of several groupings of a statement apart */
export function groupKeys(dimension: Grouping, index = 0): GroupKeys {
  const placeholders = [`group${index}_first`, `group${index}_second`] as const;
  if (typeof dimension === 'object' && 'pair' in dimension) {
    const [first, second] = dimension.pair;
    const [one, other] = [propertyText(placeholders[0]), propertyText(placeholders[1])];
    const name = `concat(${one}, {separator:String}, ${other})`;
    return keysOf(`if(${other} = '', '', ${name})`, {
      [placeholders[0]]: first,
      [placeholders[1]]: second,
      separator: PAIR_SEPARATOR,
    });
  }
  if (isPropertyDimension(dimension))
    return keysOf(propertyText(placeholders[0]), { [placeholders[0]]: propertyOf(dimension) });
  if (dimension !== 'tag') return keysOf(`toString(${dimension})`);
  const tags = "if(empty(tags), [''], arrayDistinct(arrayMap(tag -> toString(tag), tags)))";
  return {
    key: `arrayJoin(${tags})`,
    slot: `arrayJoin(arrayDistinct(arrayMap(tag -> ${slotOf('tag')}, ${tags})))`,
    parameters: {},
  };
}

function keysOf(key: string, parameters: Parameters = {}): GroupKeys {
  return { key, slot: slotOf(key), parameters };
}

/** By a hash table: `indexOf` compares each record with up to thousands of names. The last name, of no group, is for empty lists. */
export function slotOf(key: string): string {
  const names = 'arrayPushBack({listed:Array(String)}, char(0, 31, 0))';
  const slots = 'arrayPushBack(range(1, toUInt64(length({listed:Array(String)}) + 1)), toUInt64(0))';
  return `transform(${key}, ${names}, ${slots}, toUInt64(0))`;
}
