import { numberIn, PARTS, type MeasureRow } from './measure-columns.js';

/** Sums of what other models did in turns. */
export function partSums(): { readonly sums: readonly string[]; readonly join: string } {
  const entries = Object.entries(PARTS);
  return {
    join: `ARRAY JOIN part_models AS part, ${entries.map(([name, column]) => `${column} AS part_${name}`).join(', ')}`,
    sums: entries.map(([name]) => `sum(part_${name}) AS ${name}`),
  };
}

/** Moves what other models did in turns to those models. */
export function moveParts(
  groups: Map<string, MeasureRow>,
  parts: readonly MeasureRow[],
  keyOf: (part: MeasureRow, name: 'own' | 'other') => string,
): void {
  const add = (key: string, part: MeasureRow, sign: 1 | -1): void => {
    const row = groups.get(key) ?? {};
    const moved = Object.keys(PARTS).map((name) => [name, numberIn(row, name) + sign * numberIn(part, name)]);
    groups.set(key, { ...row, ...(Object.fromEntries(moved) as MeasureRow) });
  };
  for (const part of parts) {
    add(keyOf(part, 'own'), part, -1);
    add(keyOf(part, 'other'), part, 1);
  }
}
