import { compareGroups } from '../../../../model/measure/measure-answer.js';
import type { Grouping } from '../../../../model/measure/dimensions.js';
import { groupKeys } from './groups.js';
import { numberIn, PARTS, type MeasureRow } from './measure-columns.js';
import { moveParts, partSums } from './model-parts.js';
import type { MeasureStatement } from './statement.js';

/** Models whose sums are read: more than are listed, because turns move sums to other models. */
const MAX_MODELS = 1000;

export interface Ranked {
  /** The groups to list, and their sums. The name is empty for records without a value. */
  readonly listed: readonly { readonly name: string; readonly row: MeasureRow }[];
  /** Number of all groups. */
  readonly groupCount: number;
  /** Sums of all records. Undefined without records, and where they were not asked for. */
  readonly total: MeasureRow | undefined;
}

/**
 * Ranks and measures the groups of each grouping, all in one pass.
 *
 * @param hasTotal sums up all records as well; not for `tag`, of which a record can have several
 */
export async function rankGroups(
  statement: MeasureStatement,
  groupings: readonly Grouping[],
  limit: number,
  hasTotal: boolean,
): Promise<readonly Ranked[]> {
  const hasParts = groupings.includes('model') && statement.names.some((name) => name in PARTS);
  const [rows, parts] = await Promise.all([
    readGroups(statement, groupings, hasParts ? Math.max(limit, MAX_MODELS) : limit, hasTotal),
    hasParts ? readParts(statement) : [],
  ]);
  const bySet = new Map<number, MeasureRow[]>();
  for (const row of rows) {
    const set = bySet.get(numberIn(row, 'grouped_by')) ?? [];
    if (set.length === 0) bySet.set(numberIn(row, 'grouped_by'), set);
    set.push(row);
  }
  const totals = 2 ** groupings.length - 1;
  const [total] = (hasTotal && bySet.get(totals)) || [];
  return groupings.map((by, place) => {
    const groups = bySet.get(hasTotal ? totals - 2 ** (groupings.length - 1 - place) : 0) ?? [];
    if (by === 'model' && hasParts) return { ...rankModels(statement, groups, parts, limit), total };
    const listed = groups.slice(0, limit).map((row) => ({ name: String(row['name']), row }));
    return { listed, groupCount: numberIn(groups[0] ?? {}, 'all_groups'), total };
  });
}

/**
 * Reads the sums of all groups in order, and of all records. `grouped_by` has one bit for each grouping, the first one highest, which is 1 if the row is of
 * another one. The names of these are empty, so that joining all of them gives that of the group.
 */
function readGroups(
  { read, order }: MeasureStatement,
  groupings: readonly Grouping[],
  limit: number,
  hasTotal: boolean,
): Promise<readonly MeasureRow[]> {
  const keys = groupings.map((by, index) => groupKeys(by, index));
  const names = keys.map((_, index) => `name${index}`);
  // ROLLUP merges the groups of one grouping: less than to sum up all records again.
  const [only] = names;
  const sets = [...names.map((name) => `(${name})`), '()'].join(', ');
  const groupBy = names.length > 1 ? `GROUPING SETS (${sets})` : hasTotal ? `ROLLUP(${only})` : only;
  return read({
    select: [
      ...keys.map(({ key }, index) => `${key} AS name${index}`),
      `${names.length > 1 ? `concat(${names.join(', ')})` : only} AS name`,
      `${hasTotal ? `grouping(${names.join(', ')})` : '0'} AS grouped_by`,
      'count() OVER (PARTITION BY grouped_by) AS all_groups',
    ],
    end: `GROUP BY ${groupBy}
ORDER BY grouped_by, ${order.order} DESC NULLS LAST, name = '', name LIMIT {limit:UInt32} BY grouped_by`,
    parameters: { ...Object.assign({}, ...keys.map(({ parameters }) => parameters)), limit },
  });
}

/** Reads what models did in turns of other ones. */
function readParts({ read }: MeasureStatement): Promise<readonly MeasureRow[]> {
  return read({
    select: ['toString(model) AS own', 'toString(part) AS other'],
    ...partSums(),
    end: 'GROUP BY own, other',
  });
}

/** Models are ordered after what turns used of others was moved to them. */
function rankModels(
  { order }: MeasureStatement,
  groups: readonly MeasureRow[],
  parts: readonly MeasureRow[],
  limit: number,
): Omit<Ranked, 'total'> {
  const models = new Map(groups.map((row) => [String(row['name']), row]));
  moveParts(models, parts, (row, name) => String(row[name]));
  const ranked = [...models]
    .map(([name, row]) => ({ name: name === '' ? null : name, value: order.read(row).value, row }))
    .sort(compareGroups);
  return {
    listed: ranked.slice(0, limit).map(({ name, row }) => ({ name: name ?? '', row })),
    groupCount: ranked.length,
  };
}
