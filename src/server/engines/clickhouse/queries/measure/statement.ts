import type { Measured, MeasuredValues } from '../../../../model/measure/measure-answer.js';
import type { MeasureRequest } from '../../../../query/measure-request.js';
import type { ClickHouseClient } from '../../client/clickhouse-client.js';
import type { Parameters } from '../../client/parameters.js';
import { latestRatings } from '../answer-feedback.js';
import type { WhereClause } from '../where-clause.js';
import { NUMBER_PATTERNS } from './property-values.js';
import { measureColumns, type MeasureColumns, type MeasureRow } from './measure-columns.js';

/** The measures of one request as a select list, and what its statements share. */
export interface MeasureStatement {
  readonly columns: readonly MeasureColumns[];
  /** The measure that orders groups. */
  readonly order: MeasureColumns;
  /** Aliases of all aggregates that the measures need. */
  readonly names: readonly string[];
  /** Runs a statement over the records that match, with FINAL, so that a repeated record counts once. */
  readonly read: (parts: StatementParts) => Promise<readonly MeasureRow[]>;
}

export interface StatementParts {
  /** In front of the aggregates, each with an alias. */
  readonly select?: readonly string[];
  /** In place of the aggregates. */
  readonly sums?: readonly string[];
  readonly join?: string;
  readonly where?: string;
  /** Clauses after the conditions. */
  readonly end?: string;
  readonly parameters?: Parameters;
}

/** Answers that are rated now, and whether somebody rates them bad. */
const RATINGS = `ratings AS (SELECT target, max(latest = 'bad') AS is_bad FROM ${latestRatings('{ratingsOf:String}')}
WHERE latest != 'cleared' GROUP BY target)`;

/** Numbers are read to the last digit, as JavaScript reads them. */
const SETTINGS = { precise_float_parsing: 1 };

export function measureStatement(
  client: ClickHouseClient,
  project: string,
  { sql, parameters }: WhereClause,
  { measures, orderBy = measures[0] ?? 'records' }: MeasureRequest,
): MeasureStatement {
  const properties: Record<string, string> = {};
  const columnsOf = [...measures, orderBy].map((measure, index) => {
    if (typeof measure === 'object') properties[`property${index}`] = measure.property;
    return measureColumns(measure, index);
  });
  const order = columnsOf.at(-1) ?? measureColumns('records', 0);
  const sums = Object.assign({}, ...columnsOf.map((columns) => columns.sums)) as Readonly<
    Record<string, string>
  >;
  return {
    columns: columnsOf.slice(0, -1),
    order,
    names: Object.keys(sums),
    read({
      select = [],
      sums: others = aggregates(sums),
      join = '',
      where = '',
      end = '',
      parameters: more,
    }) {
      const list = [...select, ...others].join(',\n  ');
      return client.query<MeasureRow>(
        `${list.includes('FROM ratings') ? `WITH ${RATINGS}\n` : ''}SELECT ${list}
FROM records FINAL ${join}
WHERE ${sql}${where}
${end}`,
        {
          parameters: { ...parameters, ...properties, ...NUMBER_PATTERNS, ratingsOf: project, ...more },
          settings: SETTINGS,
        },
      );
    },
  };
}

/** Returns aggregates as a select list. */
export function aggregates(sums: MeasureColumns['sums']): readonly string[] {
  return Object.entries(sums).map(([name, expression]) => `${expression} AS ${name}`);
}

/** Returns the measures of one row; those of no records without one. */
export function valuesOf(columns: readonly MeasureColumns[], row: MeasureRow = {}): MeasuredValues {
  const measured = columns.map(({ read }) => read(row));
  return { values: measured.map(valueIn), n: measured.map(({ n }) => n) };
}

/** Returns the measures at each step. `rows` has those of the steps with records. */
export function seriesOf(
  columns: readonly MeasureColumns[],
  starts: readonly number[],
  rows: ReadonlyMap<number, MeasureRow>,
): Required<Pick<MeasuredValues, 'series' | 'seriesN'>> {
  const measured = columns.map(({ read }) => starts.map((start) => read(rows.get(start) ?? {})));
  return {
    series: measured.map((list) => list.map(valueIn)),
    seriesN: measured.map((list) => list.map(({ n }) => n)),
  };
}

function valueIn({ value }: Measured): number | null {
  return value;
}
