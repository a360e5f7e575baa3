import { valueText } from '../../../model/measure/dimensions.js';
import { toNumber } from '../../../model/measures.js';
import type { PropertyValue } from '../../../../records/model/prompt-record.js';
import type { RecordTable } from './record-table.js';

/** Texts of one property. */
export interface PropertyColumn {
  /** By row: the number of its text; 0 without one. */
  readonly ids: Uint32Array;
  /** The text of each number; the first stands for none. */
  readonly texts: readonly string[];
}

/** Reads a property of `rows` without reading their records, but for those that have objects among their properties. */
export function propertyColumn(table: RecordTable, name: string, rows: Uint32Array): PropertyColumn {
  const isWanted = new Uint8Array(table.end);
  for (const row of rows) isWanted[row] = 1;
  const ids = new Uint32Array(table.end);
  const texts = [''];
  const byText = new Map<string, number>();
  /** By the bytes of the JSON, read as Latin-1: most values repeat, and are parsed once. */
  const byJson = new Map<string, number>();
  const add = (value: PropertyValue | undefined): number => {
    const text = valueText(value);
    if (text === undefined) return 0;
    const known = byText.get(text);
    if (known !== undefined) return known;
    byText.set(text, texts.length);
    return texts.push(text) - 1;
  };
  table.findValues(name, (row, json) => {
    if (isWanted[row] !== 1) return;
    if (!json) {
      ids[row] = add(table.record(row)?.properties[name]);
      return;
    }
    const key = json.bytes.toString('latin1', json.start, json.end);
    let id = byJson.get(key);
    if (id === undefined) {
      id = add(JSON.parse(json.bytes.toString('utf8', json.start, json.end)) as PropertyValue);
      byJson.set(key, id);
    }
    ids[row] = id;
  });
  return { ids, texts };
}

/** Returns the numbers of a property by row; NaN where it is no number. */
export function numbersOf({ ids, texts }: PropertyColumn): Float64Array {
  const numbers = Float64Array.from(texts, (text) => toNumber(text) ?? Number.NaN);
  return Float64Array.from(ids, (id) => numbers[id] ?? Number.NaN);
}
