import { ANONYMOUS } from '../records/model/prompt-record.js';
import { isSkip } from './formats/read-record.js';
import { ImportReport, type NamedSkip } from './import-report.js';
import { readFiles, type OnRead } from './read-files.js';
import type { KnownFile } from './recognise-file.js';
import { Checkpoint } from './sending/checkpoint.js';
import { RECORDS, type ImportTarget } from './sending/import-api.js';
import { ImportInterruptedError } from './sending/import-error.js';
import { RecordSender, type SenderOptions } from './sending/record-sender.js';

export interface ImportOptions {
  readonly files: readonly KnownFile[];
  /** Undefined: nothing is sent, and the report says what would have been. */
  readonly target: ImportTarget | undefined;
  /** File that says how far the import has come. Undefined: none. */
  readonly checkpoint: string | undefined;
  readonly giveUpMs: number;
  /** Stops the import: what is in flight is finished, and the rest can be continued. */
  readonly signal: AbortSignal;
  readonly onRead?: OnRead;
  readonly onWait?: SenderOptions['onWait'];
  readonly onSkip?: (skip: NamedSkip) => void;
  /** Called now and then with the number of records that were sent, or sent earlier. */
  readonly onProgress?: (sent: number) => void;
}

export interface ImportResult {
  readonly report: ImportReport;
  /** Undefined if everything was sent. */
  readonly stoppedBy?: unknown;
  /** False if the target took records as prompts and events, without the time at which they were received. */
  readonly keepsRecords: boolean;
  /** True if the target had lost what an earlier import had sent, so that everything was sent again. */
  readonly startedOver: boolean;
  /** False if it could not be written how far the import has come. */
  readonly canContinue: boolean;
}

/** Time for what is in flight when the import is stopped. */
const STOP_MS = 10_000;

/** Imports files. Never rejects because of the target: `stoppedBy` tells why the import ended early. */
export async function importFiles(options: ImportOptions): Promise<ImportResult> {
  const first = await runImport(options, true);
  if (!first.startedOver) return first;
  return { ...(await runImport(options, false)), startedOver: true };
}

async function runImport(options: ImportOptions, continues: boolean): Promise<ImportResult> {
  const run = new ImportRun(options);
  const earlier = continues ? await run.checkpoint?.read() : 0;
  try {
    const startedOver = await run.run(earlier ?? 0);
    return run.result({ startedOver });
  } catch (stoppedBy) {
    return run.result({ stoppedBy });
  }
}

/** One pass through the files. */
class ImportRun {
  readonly checkpoint: Checkpoint | undefined;
  readonly #options: ImportOptions;
  readonly #report = new ImportReport();
  readonly #abort = new AbortController();
  #sender: RecordSender | undefined;
  #canContinue = true;
  #knownInProbe: number | undefined;

  constructor(options: ImportOptions) {
    this.#options = options;
    const { checkpoint, target } = options;
    const files = options.files.map(({ source: { name, size, changedMs } }) => ({ name, size, changedMs }));
    if (checkpoint !== undefined && target)
      this.checkpoint = new Checkpoint(checkpoint, { target: target.host, files });
  }

  result(end: { readonly startedOver?: boolean; readonly stoppedBy?: unknown }): ImportResult {
    return {
      report: this.#report,
      keepsRecords: this.#sender?.keepsRecords ?? true,
      canContinue: this.#canContinue && this.checkpoint !== undefined,
      startedOver: false,
      ...end,
    };
  }

  /** Returns true if the target has lost what was sent `earlier`: then it has to be sent again. */
  async run(earlier: number): Promise<boolean> {
    // The last batch of the earlier import is sent again, to see whether the target still has it.
    const first = Math.max(0, earlier - RECORDS.maxItems);
    const sender = this.#createSender(first);
    this.#report.sentEarlier = first;
    const { signal } = this.#options;
    let number = 0;
    try {
      for await (const chunk of readFiles(this.#options.files, this.#options.onRead)) {
        for (const { place, read } of chunk) {
          if (signal.aborted) throw new ImportInterruptedError('interrupted');
          if (isSkip(read)) this.#skip({ place, ...read });
          else if (number++ >= first) {
            if (read.kind === 'prompt' && read.userId === ANONYMOUS) this.#report.anonymous++;
            await sender?.add({ number: number - 1, record: read, place });
            if (!sender) this.#report.taken++;
          }
          if (number === earlier && earlier > 0 && !(await this.#isStillThere())) return true;
        }
        await this.#noteProgress();
      }
      await sender?.finish();
      await this.checkpoint?.remove();
      return false;
    } catch (error) {
      await this.#stop();
      throw error;
    }
  }

  /** Returns false if the target knows no record of the last batch that it had taken. */
  async #isStillThere(): Promise<boolean> {
    await this.#sender?.finish();
    return this.#knownInProbe !== 0;
  }

  #createSender(first: number): RecordSender | undefined {
    const { target, giveUpMs, onWait } = this.#options;
    if (!target) return undefined;
    this.#sender = new RecordSender(
      {
        target,
        giveUpMs,
        stopSignal: this.#options.signal,
        abortSignal: this.#abort.signal,
        onWait: (wait) => onWait?.(wait),
        onRefused: ({ place }, detail) => this.#skip({ place, reason: 'refused', detail }),
        onSettled: ({ taken, stored, known }) => {
          this.#report.taken += taken;
          this.#report.erasedThere += taken - stored;
          if (known === undefined) return;
          this.#report.known = (this.#report.known ?? 0) + known;
          this.#knownInProbe = this.#report.known;
        },
      },
      first,
    );
    return this.#sender;
  }

  #skip(skip: NamedSkip): void {
    this.#report.skip(skip);
    this.#options.onSkip?.(skip);
  }

  async #noteProgress(isLast = false): Promise<void> {
    const sent = this.#sender?.settledUpTo ?? this.#report.taken;
    this.#options.onProgress?.(sent);
    if (this.checkpoint) this.#canContinue = await this.checkpoint.write(sent, isLast);
  }

  /** Finishes what is in flight, and writes how far the import has come. */
  async #stop(): Promise<void> {
    const timer = setTimeout(() => this.#abort.abort(), STOP_MS);
    try {
      await this.#sender?.settle();
    } catch {
      // The caller has the error that stopped the import.
    } finally {
      clearTimeout(timer);
    }
    await this.#noteProgress(true);
  }
}
