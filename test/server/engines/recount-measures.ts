import type { Dimension, Measure, StoredRecord } from '../../../src/server/index.js';
import { isError, isPlausible, latencyOf, modelOf, percentile, recount } from './recount.js';

/** A number, and what is behind it. */
export type Counted = readonly [value: number | null, n: number | null];

/**
 * Counts a measure again from the records alone, by the definitions of docs/numbers.md. Shares no code with the server.
 *
 * @param all every record of the store: ratings of answers count wherever they are
 */
export function recountMeasure(
  measure: Measure,
  records: readonly StoredRecord[],
  all: readonly StoredRecord[],
): Counted {
  if (typeof measure === 'object') return recountProperty(measure, records);
  const latencies = (): number[] => promptsOf(records).flatMap((record) => latencyOf(record) ?? []);
  switch (measure) {
    case 'people': {
      const asked = records.filter((record) => isRequest(record) && record.userId !== 'anonymous');
      return [new Set(asked.map(({ userId }) => userId)).size, null];
    }
    case 'errorRate': {
      return share(records.filter(isError).length, records.filter(isRequest).length);
    }
    case 'rated':
    case 'bad':
    case 'badShare': {
      return recountRatings(measure, records, all);
    }
    case 'cost': {
      const { cost, pricedCalls } = recountOnce(records);
      return [pricedCalls === 0 ? null : cost, pricedCalls];
    }
    case 'latencyMean': {
      return share(total(latencies()), latencies().length);
    }
    case 'latencyP50':
    case 'latencyP95':
    case 'latencyP99': {
      return [percentile(latencies(), Number(measure.slice('latencyP'.length))), latencies().length];
    }
    case 'records':
    case 'prompts':
    case 'requests':
    case 'errors':
    case 'threads':
    case 'inputTokens':
    case 'outputTokens':
    case 'totalTokens':
    case 'pricedCalls':
    case 'unpricedCalls': {
      return [recountOnce(records)[measure], null];
    }
    default: {
      return measure satisfies never;
    }
  }
}

function recountRatings(
  measure: 'rated' | 'bad' | 'badShare',
  records: readonly StoredRecord[],
  all: readonly StoredRecord[],
): Counted {
  const ratings = currentRatings(all);
  const answers = promptsOf(records);
  const rated = answers.filter(({ id }) => ratings.has(id));
  const bad = rated.filter(({ id }) => ratings.get(id)?.includes('bad'));
  if (measure === 'rated') return [rated.length, answers.length];
  return measure === 'bad' ? [bad.length, rated.length] : share(bad.length, rated.length);
}

const counts = new WeakMap<readonly StoredRecord[], ReturnType<typeof recount>>();

function recountOnce(records: readonly StoredRecord[]): ReturnType<typeof recount> {
  const numbers = counts.get(records) ?? recount(records);
  counts.set(records, numbers);
  return numbers;
}

function promptsOf(records: readonly StoredRecord[]): readonly StoredRecord[] {
  return records.filter(({ kind }) => kind === 'prompt');
}

function isRequest(record: StoredRecord): boolean {
  return record.kind === 'prompt' || isError(record);
}

function recountProperty(
  { property, of }: Exclude<Measure, string>,
  records: readonly StoredRecord[],
): Counted {
  const own = records.filter(
    ({ kind, properties: { turn_id: turn } }) =>
      !(kind === 'event' && typeof turn === 'string' && turn !== ''),
  );
  const numbers = own.flatMap(({ properties }) => {
    const value = properties[property];
    if (typeof value === 'number') return [value];
    return typeof value === 'string' && /^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(value.trim())
      ? [Number(value)]
      : [];
  });
  const n = numbers.length;
  switch (of) {
    case 'count': {
      return [n, null];
    }
    case 'sum': {
      return [n === 0 ? null : total(numbers), n];
    }
    case 'mean': {
      return share(total(numbers), n);
    }
    case 'p50':
    case 'p95': {
      return [percentile(numbers, Number(of.slice(1))), n];
    }
    default: {
      return of satisfies never;
    }
  }
}

/** Ratings that answers have now, by the id of the answer. */
function currentRatings(all: readonly StoredRecord[]): Map<string, string[]> {
  const known = ratingsOf.get(all);
  if (known) return known;
  const latest = new Map<string, { at: number; answer: string; says: string }>();
  for (const record of all) {
    const answer = record.properties['record_id'];
    const says = ratingOf(record);
    if (typeof answer !== 'string' || says === undefined) continue;
    const key = JSON.stringify([answer, record.userId]);
    const at = Date.parse(isPlausible(record) ? record.timestamp : record.receivedAt);
    const before = latest.get(key);
    // Records are in order of arrival.
    if (!before || at >= before.at) latest.set(key, { at, answer, says });
  }
  const ratings = new Map<string, string[]>();
  for (const { answer, says } of latest.values())
    if (says !== 'cleared') ratings.set(answer, [...(ratings.get(answer) ?? []), says]);
  ratingsOf.set(all, ratings);
  return ratings;
}

const ratingsOf = new WeakMap<readonly StoredRecord[], Map<string, string[]>>();

/** The few forms of feedback that the records of these tests have. */
function ratingOf(record: StoredRecord): string | undefined {
  if (record.kind !== 'event' || !/feedback/i.test(record.event)) return undefined;
  const { score, source, cleared, feedback_type: type } = record.properties;
  if (source === 'reviewer' || type === 'evaluation') return undefined;
  if (cleared === true || (score === null && !('label' in record.properties))) return 'cleared';
  if (score === 1) return 'good';
  if (score === -1) return 'bad';
  // A face, or three of five stars.
  return score === 0 ? (type === 'faces' ? 'neutral' : 'bad') : score === 3 ? 'neutral' : undefined;
}

/** Names of the groups that a record is in; null for the one without a name. */
export function groupsOf(record: StoredRecord, by: Dimension): readonly (string | null)[] {
  if (typeof by === 'object' || by === 'organization') {
    const value = record.properties[typeof by === 'object' ? by.property : 'organization_id'];
    if (value === undefined || value === null || value === '') return [null];
    return [typeof value === 'object' ? JSON.stringify(value) : String(value)];
  }
  if (by === 'tag') return record.tags.length === 0 ? [null] : [...new Set(record.tags)];
  if (by === 'event') return [record.kind === 'event' ? record.event : null];
  if (by === 'model') return [modelOf(record) ?? null];
  return [(by === 'user' ? record.userId : record.threadId) ?? null];
}

/** The calendar's day, hour, week or month of a time in a zone, for instance `2026-03-29`. */
export function stepName(time: number, step: 'hour' | 'day' | 'week' | 'month', timeZone: string): string {
  const clock = clocks.get(timeZone) ?? clockOf(timeZone);
  const [day = '', clockTime = ''] = clock.format(time).split(', ');
  if (step === 'day') return day;
  if (step === 'month') return day.slice(0, 7);
  // With the offset, because an hour can come twice.
  if (step === 'hour') return `${day} ${clockTime.replace(/:\d\d:\d\d/, '')}`;
  const date = new Date(`${day}T00:00:00Z`);
  const sinceMonday = (date.getUTCDay() + 6) % 7;
  return new Date(date.getTime() - sinceMonday * 86_400_000).toISOString().slice(0, 10);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'long',
    hourCycle: 'h23',
  });
  clocks.set(timeZone, clock);
  return clock;
}

function share(part: number, whole: number): Counted {
  return [whole === 0 ? null : part / whole, whole];
}

function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
