import type { Place } from './input/split-items.js';
import { IMPORT_SKIP_REASONS, type Skip, type ImportSkipReason } from './input/import-skip-reason.js';

/** Places that are named of each reason. All of them are counted. */
export const MAX_NAMED = 20;

/** Something that was left out, and where it stands. */
export interface NamedSkip extends Skip {
  readonly place: Place;
}

/** Result of an import. */
export class ImportReport {
  /** Records that the target took. */
  taken = 0;
  /** Records of these that the target had already. Undefined if it does not say. */
  known: number | undefined;
  /** Records that the target left out, because they were erased there. */
  erasedThere = 0;
  /** Records that an earlier, interrupted import had sent. */
  sentEarlier = 0;
  /** Prompts without a user. */
  anonymous = 0;
  readonly #counts = new Map<ImportSkipReason, number>();
  readonly #named = new Map<ImportSkipReason, NamedSkip[]>();

  skip(skip: NamedSkip): void {
    const { reason } = skip;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const named = this.#named.get(reason) ?? [];
    this.#named.set(reason, named);
    if (named.length < MAX_NAMED) named.push(skip);
  }

  /** Counts by reason, in the order of {@link IMPORT_SKIP_REASONS}. */
  get skipped(): readonly (readonly [reason: ImportSkipReason, count: number])[] {
    return (Object.keys(IMPORT_SKIP_REASONS) as ImportSkipReason[]).flatMap((reason) => {
      const count = this.#counts.get(reason) ?? 0;
      return count > 0 ? [[reason, count] as const] : [];
    });
  }

  /** Returns the first places of a reason. */
  named(reason: ImportSkipReason): readonly NamedSkip[] {
    return this.#named.get(reason) ?? [];
  }

  /** True if something was left out that somebody may miss. */
  get hasLosses(): boolean {
    return this.skipped.some(([reason]) => IMPORT_SKIP_REASONS[reason].isLoss);
  }
}
