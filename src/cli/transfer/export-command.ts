import { once } from 'node:events';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { asText, codeOf } from '../../common/unknown-values.js';
import { exportChanges } from '../../transfer/export-changes.js';
import { ExportFailedError, exportRecords } from '../../transfer/export-records.js';
import { CommandError } from '../command-error.js';
import { CursorFile } from './cursor-file.js';
import { readExportOptions, type ExportCommandOptions } from './export-options.js';
import { UNFINISHED } from './import-command.js';
import { PartFile, type WrittenPart } from './part-file.js';
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
  const output =
    options.output === undefined ? standardOutput() : await fileOutput(options.output, keyOf(options));
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
    format,
    filters,
    giveUpMs,
    signal,
    resume: output.resume,
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
  const what = format === 'jsonl' ? `${grouped(lines)} records` : 'the records';
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

/** Target of an export. */
interface Output {
  /** Part of the same export that an earlier run has written. */
  readonly resume?: WrittenPart | undefined;
  write(text: string): Promise<void>;
  /** Throws away what was written. Undefined if that is not possible. */
  restart?(): Promise<void>;
  complete(): Promise<void>;
  discard(): Promise<void>;
  /** Leaves what was written, so that the same command goes on. Undefined if that is not possible. */
  keep?(): Promise<void>;
}

class ClosedPipeError extends Error {
  override readonly name = 'ClosedPipeError';
}

function standardOutput(): Output {
  let failure: Error | undefined;
  process.stdout.on('error', (error) => (failure = error));
  return {
    async write(text) {
      if (failure) throw new ClosedPipeError();
      if (!process.stdout.write(text))
        await once(process.stdout, 'drain').catch(() => {
          throw new ClosedPipeError();
        });
    },
    complete: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

/** Writes beside the file, which is replaced when the export is complete. @throws CommandError */
async function fileOutput(path: string, key: string | undefined): Promise<Output> {
  const part = new PartFile(path, key);
  const reported = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new CommandError(`Cannot write the file ${path} (${asText(codeOf(error)) ?? 'unknown'})`, 1);
    }
  };
  const resume = await part.resume();
  // Records are readable by this user alone, as the file of `dev`.
  let file: FileHandle = await reported(() => open(part.path, resume ? 'a' : 'w', 0o600));
  await reported(() => part.begin());
  return {
    resume,
    write: (text) => reported(() => file.appendFile(text)),
    restart: () =>
      reported(async () => {
        await file.close();
        file = await open(part.path, 'w', 0o600);
      }),
    complete: () =>
      reported(async () => {
        await file.close();
        await rename(part.path, path);
        await part.end();
      }),
    keep: () => file.close(),
    async discard() {
      await file.close().catch(() => undefined);
      await rm(part.path, { force: true });
      await part.end();
    },
  };
}
