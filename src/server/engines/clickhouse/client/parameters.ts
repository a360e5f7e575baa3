import { wellFormed } from '../../../../records/text/clean-text.js';

/** A value of a query parameter. Lists become `Array(…)`. */
export type ParameterValue = string | number | bigint | boolean | readonly (string | number | bigint)[];

/** Values of the placeholders `{name:Type}` of a statement. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\\0',
  "'": "\\'",
};

/**
 * Writes a value as ClickHouse reads a query parameter: the text format `TabSeparated` for scalars, and quoted elements in lists
 * (clickhouse.com/docs/interfaces/http, "HTTP interface with query parameters").
 */
export function formatParameter(value: ParameterValue): string {
  if (typeof value === 'string') return escape(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const elements = value.map((element) => (typeof element === 'string' ? `'${escape(element)}'` : element));
  return `[${elements.join(',')}]`;
}

/** A lone surrogate cannot be sent as UTF-8. It becomes U+FFFD. */
function escape(text: string): string {
  return wellFormed(text).replace(/[\\\t\n\r\0']/g, (character) => ESCAPES[character] ?? character);
}
