import {
  asArray,
  asRecord,
  asText,
  isRecord,
  parseJson,
  type UnknownRecord,
} from '../../common/unknown-values.js';

/** Item of a Langfuse export, with the names of its API (camel case). */
export interface LangfuseItem {
  readonly kind: 'trace' | 'observation' | 'score';
  readonly fields: UnknownRecord;
}

const KINDS: readonly (readonly [LangfuseItem['kind'], (fields: UnknownRecord) => boolean])[] = [
  ['observation', (fields) => isText(fields['type']) && 'startTime' in fields && isText(fields['id'])],
  ['score', (fields) => isText(fields['name']) && hasValue(fields) && hasTarget(fields)],
  ['trace', (fields) => isText(fields['id']) && 'timestamp' in fields && isTraceLike(fields)],
];

/**
 * Reads one value of an export: of the page (JSON and JSON lines), of the public API, or of the export to a blob storage, which names its
 * fields in snake case. A trace of `GET /api/public/traces/:id` also holds its observations and scores. Empty: it is none of these.
 */
export function readLangfuseItems(value: unknown): readonly LangfuseItem[] {
  if (!isRecord(value)) return [];
  const fields = isSnakeCase(value) ? inCamelCase(value) : value;
  const kind = KINDS.find(([, matches]) => matches(fields))?.[0];
  if (kind === undefined) return [];
  if (kind === 'score') return [{ kind, fields }];
  const { observations, scores, ...own } = fields;
  const traceId = asText(own['id']);
  const nested = [...asArray(observations), ...asArray(scores)]
    .filter(isRecord)
    .map((one) => ({ traceId, ...one }));
  return [{ kind, fields: own }, ...scoresInColumns(kind, own), ...nested.flatMap(readLangfuseItems)];
}

/** Returns the trace that an item belongs to. A score may be about a session instead. */
export function traceIdOf({ kind, fields }: LangfuseItem): string | undefined {
  return asText(kind === 'trace' ? fields['id'] : fields['traceId']);
}

function isText(value: unknown): value is string {
  return asText(value) !== undefined;
}

function hasValue(fields: UnknownRecord): boolean {
  return 'value' in fields || 'stringValue' in fields;
}

function hasTarget(fields: UnknownRecord): boolean {
  return ['traceId', 'observationId', 'sessionId'].some((name) => isText(fields[name]));
}

function isTraceLike(fields: UnknownRecord): boolean {
  return (
    !('traceId' in fields) && ['input', 'output', 'sessionId', 'observations'].some((name) => name in fields)
  );
}

/** The blob storage export has `project_id` in every row. */
function isSnakeCase(value: UnknownRecord): boolean {
  return 'project_id' in value || 'trace_id' in value || 'start_time' in value;
}

function inCamelCase(value: UnknownRecord): UnknownRecord {
  const entries = Object.entries(value).map(([name, member]) => [
    name === 'provided_model_name'
      ? 'model'
      : name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    name === 'metadata' ? decodedMembers(asRecord(member)) : member,
  ]);
  return Object.fromEntries(entries) as UnknownRecord;
}

/** The database of Langfuse keeps metadata as texts. Its API and its page decode them in the same way. */
function decodedMembers(metadata: UnknownRecord): UnknownRecord {
  return Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, decoded(text)]));
}

function decoded(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Columns of the page's exports that hold lists and are no scores. */
const LIST_COLUMNS = new Set([
  'input',
  'output',
  'metadata',
  'tags',
  'traceTags',
  'comments',
  'toolCalls',
  'toolCallNames',
  'toolDefinitions',
  'observations',
]);

/** The page's exports have a column for each name of a score, with a list of its values. */
function scoresInColumns(kind: 'trace' | 'observation', fields: UnknownRecord): readonly LangfuseItem[] {
  const id = asText(fields['id']);
  const target =
    kind === 'trace' ? { traceId: id } : { traceId: asText(fields['traceId']), observationId: id };
  return Object.entries(fields).flatMap(([name, values]) => {
    if (!Array.isArray(values) || LIST_COLUMNS.has(name)) return [];
    return values
      .filter((value) => typeof value === 'number' || isText(value))
      .map((value, at) => ({
        kind: 'score' as const,
        fields: {
          id: `${asText(fields['traceId']) ?? ''}-${id}-score-${name}-${at}`,
          name,
          ...target,
          ...(typeof value === 'number' ? { value } : { stringValue: value }),
          timestamp: fields['endTime'] ?? fields['startTime'] ?? fields['timestamp'],
        },
      }));
  });
}

/** Returns a time in milliseconds. ClickHouse writes times in UTC without a zone: `2026-03-01 10:00:00.123`. */
export function toMs(value: unknown): number | undefined {
  const text = asText(value);
  if (text === undefined) return undefined;
  const iso = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Returns a member as an object, also if it is JSON in a text, as columns of the blob storage export are. */
export function asObject(value: unknown): UnknownRecord {
  return asRecord(typeof value === 'string' ? parseJson(value) : value);
}
