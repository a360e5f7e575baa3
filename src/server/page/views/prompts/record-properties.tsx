import type { PropertyValue } from '../../../../records/model/prompt-record.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { drillDownFromHere } from '../../browser/location.js';
import { Link } from '../../parts/link.js';

/** Properties that other sections of the detail show. */
const SHOWN_ELSEWHERE = new Set(['tags', 'prompt', 'generation', 'record_id', 'comment', 'messages']);

/** All other properties of a record, under their own names. A list of objects becomes a table. */
export function RecordProperties({ record }: { readonly record: StoredRecord }) {
  const properties = Object.entries(record.properties).filter(
    ([name]) => !name.startsWith('$') && !SHOWN_ELSEWHERE.has(name),
  );
  const tables = properties.flatMap(([name, value]) => (isTable(value) ? [{ name, rows: value }] : []));
  const plain = properties.filter(([, value]) => !isTable(value));
  return (
    <>
      {tables.map(({ name, rows }) => (
        <PropertyTable key={name} name={name} rows={rows} />
      ))}
      {plain.length > 0 && (
        <section class="detail-section">
          <h3>Properties</h3>
          <dl class="properties">
            {plain.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <PropertyText name={name} value={value} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

type Row = Readonly<Record<string, PropertyValue>>;

/** Returns true for a list of objects, such as the calls of a turn. */
function isTable(value: PropertyValue): value is readonly Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRow);
}

function isRow(value: PropertyValue): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MAX_COLUMNS = 8;

function PropertyTable({ name, rows }: { readonly name: string; readonly rows: readonly Row[] }) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, MAX_COLUMNS);
  return (
    <section class="detail-section">
      <h3>{name}</h3>
      <div class="property-table" tabIndex={0} role="region" aria-label={name}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column} class={typeof row[column] === 'number' ? 'number' : ''}>
                    {textOf(row[column])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function textOf(value: PropertyValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Longest value that links to the records with the same value. */
const MAX_FILTER_LENGTH = 120;

function PropertyText({ name, value }: { readonly name: string; readonly value: PropertyValue }) {
  if (typeof value === 'object' && value !== null) return <code>{JSON.stringify(value)}</code>;
  const text = String(value);
  if (text === '' || text.length > MAX_FILTER_LENGTH) return <>{text}</>;
  return (
    <Link href={drillDownFromHere('/', { [`prop.${name}`]: text })} title="Show records with this value">
      {text}
    </Link>
  );
}
