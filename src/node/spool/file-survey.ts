import { readFile } from 'node:fs/promises';
import { fromLine } from './line.js';

/** What is in a file that another process wrote. */
export interface FileSurvey {
  readonly size: number;
  /** Whole lines. A torn one at the end was never reported as spooled. */
  readonly lines: number;
  /** What that process had finished, and need not be sent again. */
  readonly finished: { readonly lines: number; readonly bytes: number };
  readonly lastAcceptedAtMs: number;
}

/** @throws the error of the file system when the file cannot be read. */
export async function surveyFile(path: string, nowMs: number): Promise<FileSurvey> {
  const note = await readFile(notePath(path), 'utf8').catch(() => '');
  const finishedLines = /^\d+$/.test(note) ? Number(note) : 0;
  const content = await readFile(path);
  const finished = { lines: 0, bytes: 0 };
  let lines = 0;
  let lastStart = 0;
  let start = 0;
  for (let end; (end = content.indexOf(10, start)) !== -1; start = end + 1) {
    lastStart = start;
    if (lines++ < finishedLines) {
      finished.lines = lines;
      finished.bytes = end + 1;
    }
  }
  const lastLine = content.toString('utf8', lastStart, Math.max(start - 1, lastStart));
  return {
    size: content.byteLength,
    lines,
    finished,
    lastAcceptedAtMs: plausible(fromLine(lastLine)?.acceptedAtMs, nowMs),
  };
}

/** Where it is noted how many lines of a file are finished. */
export function notePath(path: string): string {
  return `${path}.done`;
}

/** A machine whose clock was not set yet when it wrote must not have its entries thrown away as fifty years old. */
const EARLIEST = Date.UTC(2024, 0);

/** `nowMs` by the clock that ages are measured with. The one on the wall may have been set since, and then nothing would fit. */
export function plausible(acceptedAtMs: number | undefined, nowMs: number): number {
  if (acceptedAtMs === undefined || acceptedAtMs < EARLIEST) return nowMs;
  return Math.min(acceptedAtMs, nowMs);
}
