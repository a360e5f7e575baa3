import { asText } from '../../common/unknown-values.js';
import { isSkip, type PlacedRecord } from '../formats/read-record.js';
import { parseItem } from '../formats/parse-item.js';
import type { RawItem } from '../input/split-items.js';
import type { Skip } from '../input/import-skip-reason.js';
import { readLangfuseItems, traceIdOf, type LangfuseItem } from './langfuse-item.js';
import { Partitions } from './partitions.js';
import { readTrace, type PlacedItem } from './read-trace.js';

/** Bytes of JSON that are joined in memory at a time, and the most files that are open at a time. */
const PARTITION_BYTES = 32 * 1024 * 1024;
const MAX_PARTITIONS = 400;
/** JSON compresses to about this share. */
const GZIP_FACTOR = 12;

/** Input of an import, and its size. */
export interface LangfuseExport {
  /** All files of the export: traces, observations and scores come in any order. */
  readonly items: AsyncIterable<readonly RawItem[]>;
  readonly bytes: number;
  readonly isCompressed: boolean;
}

/**
 * Reads an export of Langfuse. Its parts are joined by trace in temporary files, because user and conversation are in other files than the
 * calls. Yields the records in the order of their times: the exports begin with the latest.
 */
export async function* readLangfuseExport(
  { items, bytes, isCompressed }: LangfuseExport,
  now = new Date(),
): AsyncGenerator<readonly PlacedRecord[], void> {
  const estimate = bytes * (isCompressed ? GZIP_FACTOR : 1);
  const count = Math.min(MAX_PARTITIONS, Math.ceil(estimate / PARTITION_BYTES) || 1);
  const partitions = await Partitions.create(count);
  try {
    yield* divide(items, partitions);
    await partitions.finish();
    for (let at = 0; at < partitions.count; at++) {
      const joined = (await readTraces(partitions, at, now)).toSorted(byTime);
      await partitions.replace(
        at,
        joined.map((one) => JSON.stringify(one)),
      );
    }
    yield* merged(partitions);
  } finally {
    await partitions.remove();
  }
}

/** Divides the items by trace. Yields those that belong to none. */
async function* divide(
  items: AsyncIterable<readonly RawItem[]>,
  partitions: Partitions,
): AsyncGenerator<readonly PlacedRecord[], void> {
  for await (const chunk of items) {
    const skipped: PlacedRecord[] = [];
    for (const raw of chunk) {
      const { found, skips } = itemsIn(raw);
      for (const skip of skips) skipped.push({ place: raw.place, read: skip });
      for (const item of found) await partitions.add(keyOf(item) ?? '', JSON.stringify(item));
    }
    if (skipped.length > 0) yield skipped;
  }
}

/** Returns what belongs to a trace or a session in one item of a file, and why the rest does not. */
function itemsIn(raw: RawItem): { readonly found: readonly PlacedItem[]; readonly skips: readonly Skip[] } {
  const { place } = raw;
  const values = parseItem(raw);
  if ('reason' in values) return { found: [], skips: [values] };
  const items = values.map((value) => readLangfuseItems(value));
  const unknown = items.filter(({ length }) => length === 0);
  const found = items.flat().map((item) => ({ ...item, place }));
  const keyless = found.filter((item) => keyOf(item) === undefined);
  return {
    found: found.filter((item) => keyOf(item) !== undefined),
    skips: [
      ...unknown.map(() => ({ reason: 'not_recognised' }) as const),
      ...keyless.map(() => ({ reason: 'no_trace' }) as const),
    ],
  };
}

function keyOf(item: LangfuseItem): string | undefined {
  return traceIdOf(item) ?? asText(item.fields['sessionId']);
}

async function readTraces(partitions: Partitions, at: number, now: Date): Promise<readonly PlacedRecord[]> {
  const byTrace = new Map<string, PlacedItem[]>();
  for (const line of await partitions.read(at)) {
    const item = JSON.parse(line) as PlacedItem;
    const key = keyOf(item) ?? '';
    const known = byTrace.get(key);
    if (known) known.push(item);
    else byTrace.set(key, [item]);
  }
  return [...byTrace.values()].flatMap((items) => readTrace(items, now));
}

/** Missing values have no time, and come first. */
function timeOf({ read }: PlacedRecord): string {
  return isSkip(read) ? '' : read.timestamp;
}

function byTime(a: PlacedRecord, b: PlacedRecord): number {
  const [first, second] = [timeOf(a), timeOf(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** Records that are yielded at a time. */
const CHUNK = 500;

/** Merges sorted partitions. */
async function* merged(partitions: Partitions): AsyncGenerator<readonly PlacedRecord[], void> {
  const heads: { readonly lines: AsyncIterator<string>; next: PlacedRecord }[] = [];
  for (let at = 0; at < partitions.count; at++) {
    const lines = partitions.lines(at);
    const next = await nextOf(lines);
    if (next) heads.push({ lines, next });
  }
  let chunk: PlacedRecord[] = [];
  while (heads.length > 0) {
    const first = heads.reduce((least, head) => (byTime(head.next, least.next) < 0 ? head : least));
    chunk.push(first.next);
    const next = await nextOf(first.lines);
    if (next) first.next = next;
    else heads.splice(heads.indexOf(first), 1);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

async function nextOf(lines: AsyncIterator<string>): Promise<PlacedRecord | undefined> {
  const next = await lines.next();
  return next.done ? undefined : (JSON.parse(next.value) as PlacedRecord);
}
