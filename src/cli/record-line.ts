import type { Rejection, StoredRecord } from '../server/index.js';

const DEFAULT_COLUMNS = 100;

/** One line for the terminal: when, who, which model, how long, and the first words. */
export function recordLine(record: StoredRecord, columns = DEFAULT_COLUMNS): string {
  const time = new Date(record.timestamp).toTimeString().slice(0, 8);
  const middle =
    record.kind === 'prompt'
      ? [record.assistantId ?? '', record.latency === undefined ? '' : `${record.latency.toFixed(1)} s`]
      : [record.event, ''];
  const text = record.kind === 'prompt' ? record.prompt : record.properties['error_type'];
  const line = [
    time,
    column(record.userId, 16),
    column(middle[0] ?? '', 22),
    (middle[1] ?? '').padStart(7),
    plain(typeof text === 'string' ? text : ''),
  ].join('  ');
  return cut(line, Math.max(40, columns - 1));
}

export function rejectionLine(rejection: Rejection, colour: boolean): string {
  const [first] = typeof rejection.detail === 'string' ? [] : rejection.detail;
  const reason =
    typeof rejection.detail === 'string'
      ? rejection.detail
      : `${first?.loc.join('.') ?? ''}: ${first?.msg ?? ''}`;
  const line = plain(`refused ${rejection.status} ${rejection.path}  ${reason}`);
  return colour ? `\u001B[31m${line}\u001B[0m` : line;
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
