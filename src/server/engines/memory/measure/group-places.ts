import {
  isPropertyDimension,
  pairName,
  propertyOf,
  type Grouping,
  type PropertyPair,
} from '../../../model/measure/dimensions.js';
import type { RecordTable } from '../table/record-table.js';
import type { StringInterner } from '../table/string-interner.js';
import { Placement } from './placement.js';

/** Rows by the values of a dimension. */
export interface GroupPlaces {
  /** One slot for each number of a value; slot 0 has the rows without one. Slots may be empty. */
  readonly placement: Placement;
  /** The numbers that occur. */
  readonly ids: readonly number[];
  readonly nameOf: (id: number) => string | null;
}

/** Puts each row to its value, a row with several tags to each of them. */
export function placeInGroups(table: RecordTable, rows: Uint32Array, dimension: Grouping): GroupPlaces {
  if (typeof dimension === 'object' && 'pair' in dimension) return byPair(table, rows, dimension.pair);
  if (isPropertyDimension(dimension)) {
    const { ids, texts } = table.property(propertyOf(dimension));
    return byColumn(rows, ids, texts.length, (id) => texts[id] ?? '');
  }
  switch (dimension) {
    case 'user': {
      return byNames(rows, table.user, table.users);
    }
    case 'thread': {
      return byNames(rows, table.thread, table.threads);
    }
    case 'event': {
      return byNames(rows, table.event, table.events);
    }
    case 'tag': {
      return byTag(table, rows);
    }
    case 'model': {
      return byModel(table, rows);
    }
    default: {
      return dimension satisfies never;
    }
  }
}

function byNames(rows: Uint32Array, column: Uint32Array, names: StringInterner): GroupPlaces {
  return byColumn(rows, column, names.limit, (id) => names.nameOf(id));
}

function byColumn(
  rows: Uint32Array,
  column: Uint32Array,
  limit: number,
  textOf: (id: number) => string,
): GroupPlaces {
  const slots = new Uint32Array(rows.length);
  for (let place = 0; place < rows.length; place++) slots[place] = column[rows[place] ?? 0] ?? 0;
  return groupPlaces(new Placement(rows, slots, limit), textOf);
}

/** Pairs are numbered as they occur: there are far fewer than texts of one times texts of the other. */
function byPair(table: RecordTable, rows: Uint32Array, [first, second]: PropertyPair['pair']): GroupPlaces {
  const [{ ids: firsts, texts }, { ids: seconds, texts: secondTexts }] = [
    table.property(first),
    table.property(second),
  ];
  const names = [''];
  const numbers = new Map<number, number>();
  const slots = new Uint32Array(rows.length);
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    const [one, other] = [firsts[row] ?? 0, seconds[row] ?? 0];
    if (other === 0) continue;
    const key = one * secondTexts.length + other;
    let number = numbers.get(key);
    if (number === undefined) {
      number = names.push(pairName(texts[one] ?? '', secondTexts[other] ?? '')) - 1;
      numbers.set(key, number);
    }
    slots[place] = number;
  }
  return groupPlaces(new Placement(rows, slots, names.length), (id) => names[id] ?? '');
}

/** Models also have what they did in turns of other models. */
function byModel(table: RecordTable, rows: Uint32Array): GroupPlaces {
  const { models, model: column } = table;
  const slots = new Uint32Array(rows.length);
  const others = new Set<number>();
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] ?? 0;
    slots[place] = column[row] ?? 0;
    for (const { model } of table.modelParts(row)) others.add(model);
  }
  const placement = new Placement(rows, slots, models.limit, (_, model) => model);
  return groupPlaces(placement, (id) => models.nameOf(id), others);
}

function byTag({ tagList, tagLists }: RecordTable, rows: Uint32Array): GroupPlaces {
  const texts = [''];
  const numbers = new Map<string, number>();
  const numberOf = (tag: string): number => {
    const known = numbers.get(tag);
    if (known !== undefined) return known;
    numbers.set(tag, texts.length);
    return texts.push(tag) - 1;
  };
  /** By list: few lists of tags occur. */
  const tagsOf: (readonly number[] | undefined)[] = [[0]];
  const pairs: { readonly row: number; readonly tag: number }[] = [];
  for (const row of rows) {
    const list = tagList[row] ?? 0;
    tagsOf[list] ??= [...new Set((JSON.parse(tagLists.nameOf(list)) as string[]).map(numberOf))];
    for (const tag of tagsOf[list]) pairs.push({ row, tag });
  }
  const placed = new Placement(
    Uint32Array.from(pairs, ({ row }) => row),
    Uint32Array.from(pairs, ({ tag }) => tag),
    texts.length,
  );
  return groupPlaces(placed, (id) => texts[id] ?? '');
}

function groupPlaces(
  placement: Placement,
  textOf: (id: number) => string,
  others: ReadonlySet<number> = new Set(),
): GroupPlaces {
  const isUsed = new Uint8Array(placement.size);
  const { slots } = placement;
  for (let place = 0; place < slots.length; place++) isUsed[slots[place] ?? 0] = 1;
  for (const slot of others) isUsed[slot] = 1;
  const ids: number[] = [];
  for (const [id, used] of isUsed.entries()) if (used === 1) ids.push(id);
  return { placement, ids, nameOf: (id) => (id === 0 ? null : textOf(id)) };
}
