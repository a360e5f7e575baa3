import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { asText, codeOf } from '../../common/unknown-values.js';
import { importFiles, type ImportResult } from '../../transfer/import-files.js';
import type { NamedSkip } from '../../transfer/import-report.js';
import { fileSource, STDIN, streamSource } from '../../transfer/input/byte-source.js';
import { recogniseFile, UnreadableFileError, type KnownFile } from '../../transfer/recognise-file.js';
import { ImportInterruptedError, ImportRefusedError } from '../../transfer/sending/import-error.js';
import { CommandError, UNFINISHED } from '../command-error.js';
import { readImportOptions, type ImportCommandOptions } from './import-options.js';
import { resultLines, skipLines } from './import-lines.js';
import { grouped, ProgressLine } from './progress-line.js';
import { stopOnSignal } from './stop-on-signal.js';
import { IMPORT_USAGE } from './transfer-usage.js';

/** Exit code when everything was read and sent, but something was left out that somebody may miss. */
export const INCOMPLETE = 3;

/**
 * Imports files into a server.
 *
 * @throws CommandError
 */
export async function importCommand(args: readonly string[]): Promise<void> {
  const options = readImportOptions(args);
  if (options.help) {
    process.stdout.write(IMPORT_USAGE);
    return;
  }
  const files = await recogniseFiles(options.files);
  const stop = stopOnSignal();
  const progress = new ProgressLine();
  const skipped = openSkippedFile(options.skippedFile);
  try {
    const result = await runImport(options, files, { signal: stop.signal, progress, onSkip: skipped.write });
    progress.clear();
    printResult(result, options);
    process.exitCode = stop.exitCode ?? exitCodeOf(result);
  } finally {
    progress.clear();
    stop.end();
    await skipped.end();
    await Promise.all(files.map(({ source }) => source.close()));
  }
}

interface Surroundings {
  readonly signal: AbortSignal;
  readonly progress: ProgressLine;
  readonly onSkip: (skip: NamedSkip) => void;
}

function runImport(
  options: ImportCommandOptions,
  files: readonly KnownFile[],
  { signal, progress, onSkip }: Surroundings,
): Promise<ImportResult> {
  const sizes = files.map(({ source }) => source.size);
  const total = sizes.some((size) => size === undefined)
    ? undefined
    : sizes.reduce<number>((a, b) => a + (b ?? 0), 0);
  let read = 0;
  let sent = 0;
  let waiting = '';
  const line = (): string => {
    const share = total ? ` (${Math.min(100, Math.round((read / total) * 100))} % read)` : '';
    return `${grouped(sent)} records${share}${waiting}`;
  };
  return importFiles({
    files,
    target: options.isDryRun ? undefined : options.target,
    checkpoint: checkpointOf(options),
    giveUpMs: options.giveUpMs,
    signal,
    onSkip,
    onRead: (bytes) => {
      read += bytes;
      progress.show(line);
    },
    onProgress: (count) => {
      sent = count;
      progress.show(line);
    },
    onWait: (wait) => {
      waiting = wait ? `, waiting ${Math.ceil(wait.ms / 1000)} s: ${wait.reason}` : '';
      progress.show(line, true);
    },
  });
}

/** The standard input cannot be read again: nothing of it can be skipped. */
function checkpointOf({ checkpoint, files }: ImportCommandOptions): string | undefined {
  if (files.includes(STDIN)) return undefined;
  return checkpoint ?? `${files[0]}.import-progress`;
}

/** @throws CommandError if a file cannot be read. */
export async function recogniseFiles(names: readonly string[]): Promise<readonly KnownFile[]> {
  const files: KnownFile[] = [];
  for (const name of names) {
    try {
      const source = name === STDIN ? streamSource(process.stdin, 'stdin') : await fileSource(name);
      files.push(await recogniseFile(source));
    } catch (error) {
      if (error instanceof UnreadableFileError) throw new CommandError(error.message, 1);
      const code = asText(codeOf(error));
      if (code === undefined) throw error;
      throw new CommandError(`Cannot read the file ${name} (${code})`, 1);
    }
  }
  return files;
}

/** Opens a file that gets a line of JSON for each thing that is left out. */
function openSkippedFile(path: string | undefined) {
  if (path === undefined) return { write: () => undefined, end: () => Promise.resolve() };
  const stream = createWriteStream(path);
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  return {
    write: ({ place, reason, detail }: NamedSkip): void => {
      stream.write(`${JSON.stringify({ ...place, reason, ...(detail && { detail }) })}\n`);
    },
    async end(): Promise<void> {
      stream.end();
      if (failure === undefined) await once(stream, 'close').catch((error: unknown) => (failure = error));
      if (failure !== undefined)
        throw new CommandError(`Cannot write the file ${path} (${asText(codeOf(failure)) ?? 'unknown'})`, 1);
    },
  };
}

function printResult(result: ImportResult, options: ImportCommandOptions): void {
  const target = options.isDryRun ? 'nothing (dry run)' : options.target.host;
  for (const line of skipLines(result)) process.stderr.write(`${line}\n`);
  for (const line of resultLines(result, target)) process.stdout.write(`${line}\n`);
  const { stoppedBy, canContinue } = result;
  if (stoppedBy === undefined) return;
  const isExpected = stoppedBy instanceof ImportInterruptedError || stoppedBy instanceof ImportRefusedError;
  if (!isExpected) throw stoppedBy;
  const advice = canContinue
    ? 'The same command goes on where it stopped'
    : 'The same command sends everything again, which makes no doubles';
  process.stderr.write(`opentelemetry-exporter-trubrics: ${stoppedBy.message}. ${advice}\n`);
}

function exitCodeOf({ stoppedBy, report }: ImportResult): number {
  if (stoppedBy instanceof ImportInterruptedError) return UNFINISHED;
  if (stoppedBy !== undefined) return 1;
  return report.hasLosses ? INCOMPLETE : 0;
}
