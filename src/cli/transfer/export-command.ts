import { exportChanges } from '../../transfer/export-changes.js';
import { ExportFailedError, exportRecords } from '../../transfer/export-records.js';
import { CommandError, UNFINISHED } from '../command-error.js';
import { CursorFile } from './cursor-file.js';
import { readExportOptions, type ExportCommandOptions } from './export-options.js';
import { ClosedPipeError, fileOutput, parquetOutput, standardOutput, type Output } from './export-output.js';
import { grouped, ProgressLine } from './progress-line.js';
import { stopOnSignal } from './stop-on-signal.js';
import { EXPORT_USAGE } from './transfer-usage.js';

/**
 * Exports the records of a server.
 *
 * @throws CommandError
 */
export async function exportCommand(args: readonly string[]): Promise<void> {
  const options = readExportOptions(args);
  if (options.help) {
    process.stdout.write(EXPORT_USAGE);
    return;
  }
  const stop = stopOnSignal();
  const progress = new ProgressLine();
  const output = await openOutput(options);
  try {
    const done = await runAny(options, output, stop.signal, progress);
    progress.clear();
    if (options.output !== undefined) process.stderr.write(`${done}\n`);
  } catch (error) {
    progress.clear();
    const canGoOn = keyOf(options) !== undefined && error instanceof ExportFailedError && error.canGoOn;
    await (canGoOn && output.keep ? output.keep() : output.discard());
    // The reader of a pipe has closed it, as `head` does: it has what it wants.
    if (error instanceof ClosedPipeError) return;
    process.exitCode = stop.exitCode ?? exitCodeOf(error);
    const advice = canGoOn && output.keep ? '. The same command goes on where it stopped' : '';
    process.stderr.write(`opentelemetry-exporter-trubrics: ${(error as Error).message}${advice}\n`);
  } finally {
    stop.end();
  }
}

/** @throws CommandError */
async function openOutput(options: ExportCommandOptions): Promise<Output> {
  if (options.output === undefined) return standardOutput();
  if (options.format !== 'parquet') return fileOutput(options.output, keyOf(options));
  return parquetOutput(options.output, options.cursorFile !== undefined);
}

/** Runs the export to its end. @returns the line that says what was done */
async function runAny(
  options: ExportCommandOptions,
  output: Output,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<string> {
  if (options.cursorFile === undefined) {
    const lines = await run(options, output, signal, progress);
    await output.complete();
    return doneLine(options, lines);
  }
  const file = new CursorFile(options.cursorFile, exportName(options));
  const { base, token, filters, giveUpMs } = options;
  const changes = await exportChanges({
    base,
    token,
    filters,
    giveUpMs,
    signal,
    cursor: await file.read(),
    write: (text) => output.write(text),
    onProgress: (written, total) => progress.show(() => progressText(written, total)),
    onWait: (reason) => progress.show(() => `waiting: ${reason}`, true),
  });
  await output.complete();
  // Last: if the process ends before, the next export tells these changes again.
  await file.write(changes.cursor);
  const what = changes.isFull
    ? `all ${grouped(changes.records)} records`
    : `${grouped(changes.records)} changed and ${grouped(changes.removed)} removed records`;
  return `Exported ${what} of ${base} to ${options.output ?? 'the standard output'}`;
}

/** @throws what is no failure that one line can explain. */
function exitCodeOf(error: unknown): number {
  if (error instanceof ExportFailedError) return error.isTemporary ? UNFINISHED : 1;
  if (error instanceof CommandError) return error.exitCode;
  throw error;
}

function run(
  { base, token, format, filters, giveUpMs }: ExportCommandOptions,
  output: Output,
  signal: AbortSignal,
  progress: ProgressLine,
): Promise<number> {
  return exportRecords({
    base,
    token,
    format: format === 'csv' ? 'csv' : 'jsonl',
    filters,
    giveUpMs,
    signal,
    resume: output.resume,
    query: output.resume?.query,
    onQuery: async (query) => output.noteQuery?.(query),
    write: (text) => output.write(text),
    restart: output.restart && (() => output.restart?.() ?? Promise.resolve()),
    onProgress: (written, total) => progress.show(() => progressText(written, total)),
    onWait: (reason) => progress.show(() => `waiting: ${reason}`, true),
  });
}

function progressText(written: number, total: number | undefined): string {
  const share = total ? ` (${Math.min(100, Math.round((written / total) * 100))} %)` : '';
  return `${grouped(written)} records${share}`;
}

/** The lines of CSV are no records: texts have several. */
function doneLine({ format, output, base }: ExportCommandOptions, lines: number): string {
  const what = format === 'csv' ? 'the records' : `${grouped(lines)} records`;
  return `Exported ${what} of ${base} to ${output}`;
}

/** Names an export, so that only the same one goes on. CSV cannot. */
function keyOf(options: ExportCommandOptions): string | undefined {
  const canGoOn = options.format === 'jsonl' && options.cursorFile === undefined;
  return canGoOn ? exportName(options) : undefined;
}

function exportName({ base, filters }: ExportCommandOptions): string {
  return JSON.stringify({ base, filters: [...filters] });
}
