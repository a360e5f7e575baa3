import type { Rejection, StoredRecord } from '../../server/index.js';
import { isFailure } from '../../server/model/stored-record.js';

const DEFAULT_COLUMNS = 100;

/** Returns a record as one line of a terminal: time, user, model, latency, and the beginning of the prompt. */
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
  // Some terminals report 0 columns.
  const fitting = cut(line, Math.max(40, (columns || DEFAULT_COLUMNS) - 1));
  return colour && isFailure(record) ? red(fitting) : fitting;
}

/** Returns a refused request, or a warning about an accepted one, as one line of a terminal. */
export function rejectionLine(rejection: Rejection, colour: boolean): string {
  const [first] = typeof rejection.detail === 'string' ? [] : rejection.detail;
  const reason =
    typeof rejection.detail === 'string'
      ? rejection.detail
      : `${first?.loc.join('.') ?? ''}: ${first?.msg ?? ''}`;
  // With a status below 300 the request was accepted, with a warning.
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

/** Replaces control characters: received text must not move the cursor, colour the terminal or break the line. */
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
