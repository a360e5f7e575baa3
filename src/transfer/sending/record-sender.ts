import { backoffMs } from '../../delivery/sending/backoff-breaker.js';
import type { NewRecord } from '../../server/model/stored-record.js';
import type { Place } from '../input/split-items.js';
import {
  EVENTS,
  PROMPTS,
  RECORDS,
  sendImport,
  type ImportAnswer,
  type ImportForm,
  type ImportTarget,
} from './import-api.js';
import { ImportInterruptedError, ImportRefusedError } from './import-error.js';
import { sleep } from './sleep.js';

/** A record on its way. */
export interface Outgoing {
  /** Number of the record in the import, from 0 without gaps. */
  readonly number: number;
  readonly record: NewRecord;
  readonly place: Place;
}

/** Outcome of a batch. */
export interface Settled {
  /** Records that the target stored: all that it took but those that were erased there earlier. */
  readonly stored: number;
  /** Records that the target had already. Undefined if it does not say. */
  readonly known: number | undefined;
  readonly taken: number;
}

export interface SenderOptions {
  readonly target: ImportTarget;
  /** Time without an accepted request after which the import is given up. Milliseconds. */
  readonly giveUpMs: number;
  /** Ends all waits. Requests in flight go on. */
  readonly stopSignal: AbortSignal;
  /** Aborts requests. */
  readonly abortSignal: AbortSignal;
  readonly onSettled: (settled: Settled) => void;
  /** Called with a record that the target refuses. */
  readonly onRefused: (record: Outgoing, reason: string) => void;
  /** Called before each wait, and with `undefined` when a request was accepted after it. */
  readonly onWait: (wait: { readonly ms: number; readonly reason: string } | undefined) => void;
}

/** Requests at the same time: an engine that gathers writes, as ClickHouse does, answers each after a fifth of a second. */
const MAX_IN_FLIGHT = 4;

/** A record with its JSON, which its batch is measured by. */
interface Encoded extends Outgoing {
  readonly json: string;
}

/** A batch that has not been sent, or not been answered. */
interface Batch {
  readonly records: Encoded[];
  bytes: number;
}

/**
 * Sends records in batches, several at the same time. Two batches with the same id are sent one after the other, so that the later record
 * stays. What the target refuses is found by its answer, or by halving the batch.
 */
export class RecordSender {
  readonly #options: SenderOptions;
  readonly #inFlight = new Map<Batch, Promise<void>>();
  /** Ends of settled batches by their beginnings, as far as earlier ones are not settled. */
  readonly #settledRanges = new Map<number, number>();
  #batch: Batch = { records: [], bytes: 0 };
  #form: ImportForm = RECORDS;
  #settledUpTo: number;
  #lastSuccessMs = Date.now();
  #failure: unknown;
  #isWaiting = false;

  constructor(options: SenderOptions, first = 0) {
    this.#options = options;
    this.#settledUpTo = first;
  }

  /** All records with a lower number have been taken or refused. */
  get settledUpTo(): number {
    return this.#settledUpTo;
  }

  /** Returns true if the target takes whole records, with the time at which they were received. */
  get keepsRecords(): boolean {
    return this.#form === RECORDS;
  }

  /** Resolves when there is room for more. @throws what stopped the import. */
  async add(outgoing: Outgoing): Promise<void> {
    const json = RECORDS.encode(outgoing.record);
    const bytes = Buffer.byteLength(json) + 1;
    const { records } = this.#batch;
    if (
      records.length >= RECORDS.maxItems ||
      (records.length > 0 && this.#batch.bytes + bytes > RECORDS.maxBytes)
    )
      await this.#dispatch();
    this.#batch.records.push({ ...outgoing, json });
    this.#batch.bytes += bytes;
  }

  /** Sends the rest. Resolves when everything is settled. @throws what stopped the import. */
  async finish(): Promise<void> {
    if (this.#batch.records.length > 0) await this.#dispatch();
    await this.settle();
  }

  /** Resolves when nothing is in flight. @throws what stopped the import. */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight.values());
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #dispatch(): Promise<void> {
    const batch = this.#batch;
    this.#batch = { records: [], bytes: 0 };
    while (this.#inFlight.size >= MAX_IN_FLIGHT || this.#overlaps(batch))
      await Promise.race(this.#inFlight.values());
    if (this.#failure !== undefined) throw this.#failure;
    const sent = this.#sendAll(batch)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#inFlight.delete(batch));
    this.#inFlight.set(batch, sent);
  }

  #overlaps({ records }: Batch): boolean {
    if (this.#inFlight.size === 0) return false;
    const ids = new Set(records.map(({ record }) => record.id));
    return [...this.#inFlight.keys()].some((batch) => batch.records.some(({ record }) => ids.has(record.id)));
  }

  async #sendAll({ records }: Batch): Promise<void> {
    const [first, last] = [records[0]?.number ?? 0, records.at(-1)?.number ?? 0];
    if (this.#form !== RECORDS || !(await this.#send(RECORDS, records))) {
      this.#form = PROMPTS;
      for (const form of [PROMPTS, EVENTS])
        for (const part of divided(form, records))
          if (!(await this.#send(form, part)))
            throw new ImportRefusedError(
              `There is no ingestion API at ${this.#options.target.host}: --to is the address of the page, or TRUBRICS_HOST`,
            );
    }
    this.#settledRanges.set(first, last + 1);
    for (let end; (end = this.#settledRanges.get(this.#settledUpTo)) !== undefined;) {
      this.#settledRanges.delete(this.#settledUpTo);
      this.#settledUpTo = end;
    }
  }

  /** Sends records until each is taken or refused. Returns false if the target does not know the path. */
  async #send(form: ImportForm, records: readonly Encoded[]): Promise<boolean> {
    if (records.length === 0) return true;
    const answer = await this.#answered(form, records);
    if (answer.kind === 'missing') return false;
    if (answer.kind === 'invalid') return this.#sendValid(form, records, answer.reasons);
    if (answer.kind === 'too-large') return this.#sendHalves(form, records, 'larger than it accepts');
    const { stored = records.length, known } = answer;
    this.#options.onSettled({ taken: records.length, stored, known });
    return true;
  }

  async #sendValid(
    form: ImportForm,
    records: readonly Encoded[],
    reasons: ReadonlyMap<number, string>,
  ): Promise<boolean> {
    const refused = [...reasons].filter(([at]) => records[at]);
    if (refused.length === 0) return this.#sendHalves(form, records, 'not valid');
    for (const [at, reason] of refused) this.#refuse(records[at], reason);
    return this.#send(
      form,
      records.filter((_, at) => !reasons.has(at)),
    );
  }

  async #sendHalves(form: ImportForm, records: readonly Encoded[], reason: string): Promise<boolean> {
    if (records.length === 1) {
      this.#refuse(records[0], reason);
      return true;
    }
    const middle = Math.ceil(records.length / 2);
    return (
      (await this.#send(form, records.slice(0, middle))) && (await this.#send(form, records.slice(middle)))
    );
  }

  #refuse(record: Outgoing | undefined, reason: string): void {
    if (record) this.#options.onRefused(record, reason);
  }

  /** Repeats a request while the target is busy or cannot be reached. @throws ImportInterruptedError */
  async #answered(
    form: ImportForm,
    records: readonly Encoded[],
  ): Promise<Exclude<ImportAnswer, { readonly kind: 'busy' }>> {
    const { target, stopSignal, abortSignal, giveUpMs, onWait } = this.#options;
    const items = records.map(({ record, json }) => (form === RECORDS ? json : form.encode(record)));
    for (let failures = 1; ; failures++) {
      const answer = await sendImport(target, form, items, abortSignal);
      if (answer.kind !== 'busy') {
        this.#lastSuccessMs = Date.now();
        if (this.#isWaiting) onWait(undefined);
        this.#isWaiting = false;
        return answer;
      }
      const ms = Math.max(answer.retryAfterMs ?? 0, backoffMs(failures, Math.random));
      if (Date.now() + ms - this.#lastSuccessMs > giveUpMs)
        throw new ImportInterruptedError(`${target.host} does not take records (${answer.reason})`);
      this.#isWaiting = true;
      onWait({ ms, reason: answer.reason });
      await sleep(ms, stopSignal);
      if (stopSignal.aborted) throw new ImportInterruptedError('interrupted');
    }
  }
}

/** Returns the records of the kind of a form, in batches of its size. */
function divided(form: ImportForm, records: readonly Encoded[]): readonly (readonly Encoded[])[] {
  const kind = form === PROMPTS ? 'prompt' : 'event';
  const batches: Encoded[][] = [];
  let bytes = Infinity;
  for (const outgoing of records) {
    if (outgoing.record.kind !== kind) continue;
    const size = Buffer.byteLength(form.encode(outgoing.record)) + 1;
    if (bytes + size > form.maxBytes || (batches.at(-1)?.length ?? 0) >= form.maxItems) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(outgoing);
    bytes += size;
  }
  return batches;
}
