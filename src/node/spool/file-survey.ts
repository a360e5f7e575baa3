import { SpoolRefusal } from '../../delivery/model/spool.js';
import { readFinishedLines } from './finished-lines.js';
import { ERASED, fromLine } from './line.js';
import { openSafely } from './safe-files.js';

const NEWLINE = 0x0a;
/** A file has one megabyte, and more only if its last entries are large. */
const MAX_FILE_BYTES = 100_000_000;

/** Content of a file that another process wrote. */
export interface FileSurvey {
  readonly size: number;
  /** Whole lines. An incomplete one at the end was never reported as spooled. */
  readonly lines: number;
  /** Lines that the other process had finished. They are not sent again. */
  readonly finished: { readonly lines: number; readonly bytes: number };
  readonly lastAcceptedAtMs: number;
}

/**
 * Counts the lines of a file that another process wrote.
 *
 * @throws the error of the file system if the file cannot be read.
 */
export async function surveyFile(path: string, nowMs: number): Promise<FileSurvey> {
  const finishedLines = await readFinishedLines(path);
  const content = await readWhole(path);
  const finished = { lines: 0, bytes: 0 };
  let lines = 0;
  let lastStart = 0;
  let start = 0;
  let end = content.indexOf(NEWLINE);
  while (end !== -1) {
    lastStart = start;
    start = end + 1;
    lines++;
    if (lines <= finishedLines) {
      finished.lines = lines;
      finished.bytes = start;
    }
    end = content.indexOf(NEWLINE, start);
  }
  const lastLine = fromLine(content.toString('utf8', lastStart, Math.max(start - 1, lastStart)));
  return {
    size: content.byteLength,
    lines,
    finished,
    lastAcceptedAtMs: plausibleTime(lastLine === ERASED ? undefined : lastLine?.acceptedAtMs, nowMs),
  };
}

async function readWhole(path: string): Promise<Buffer> {
  const file = await openSafely(path, 'read');
  try {
    if ((await file.stat()).size > MAX_FILE_BYTES)
      throw new SpoolRefusal(`${path} is too large to be one of ours`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Times before this were written by a clock that was not set, for instance 1970 after the start of a device. */
const EARLIEST_MS = Date.UTC(2024, 0);

/**
 * Returns the time of acceptance, or `nowMs` if that time is missing, impossibly old or in the future: the system clock may have been
 * set since. Without it, entries would expire at once, or never.
 */
export function plausibleTime(acceptedAtMs: number | undefined, nowMs: number): number {
  if (acceptedAtMs === undefined || acceptedAtMs < EARLIEST_MS) return nowMs;
  return Math.min(acceptedAtMs, nowMs);
}
