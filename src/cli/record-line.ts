import type { Rejection, StoredRecord } from '../server/index.js';
import { isError } from '../server/model/stored-record.js';

const DEFAULT_COLUMNS = 100;

/** One line for the terminal: when, who, which model, how long, and the first words. */
export function recordLine(record: StoredRecord, columns = DEFAULT_COLUMNS, colour = false): string {
  const time = new Date(record.timestamp).toTimeString().slice(0, 8);
  const middle =
    record.kind === 'prompt'
      ? [record.assistantId ?? '', record.latency === undefined ? '' : `${record.latency.toFixed(1)} s`]
      : [record.event, ''];
  const { error_type: error, comment, label } = record.properties;
  const text = record.kind === 'prompt' ? record.prompt : (error ?? comment ?? label);
  const line = [
    time,
    column(record.userId, 16),
    column(middle[0] ?? '', 22),
    (middle[1] ?? '').padStart(7),
    plain(typeof text === 'string' ? text : ''),
  ].join('  ');
  // Some terminals say that they have no columns.
  const fitting = cut(line, Math.max(40, (columns || DEFAULT_COLUMNS) - 1));
  return colour && isError(record) ? red(fitting) : fitting;
}

export function rejectionLine(rejection: Rejection, colour: boolean): string {
  const [first] = typeof rejection.detail === 'string' ? [] : rejection.detail;
  const reason =
    typeof rejection.detail === 'string'
      ? rejection.detail
      : `${first?.loc.join('.') ?? ''}: ${first?.msg ?? ''}`;
  // With 200 it was taken, but something is to be said about it.
  const verb = rejection.status < 300 ? 'note on' : `refused ${rejection.status}`;
  const line = plain(`${verb} ${rejection.path}  ${reason}`);
  return colour ? red(line) : line;
}

function red(text: string): string {
  return `\u001B[31m${text}\u001B[0m`;
}

function column(text: string, width: number): string {
  return cut(plain(text), width).padEnd(width);
}

/** What strangers wrote must not move the cursor, colour the terminal or break the line. */
function plain(text: string): string {
  return text
    .slice(0, 1000)
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ')
    .trim();
}

function cut(text: string, width: number): string {
  const characters = Array.from(text);
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : text;
}
