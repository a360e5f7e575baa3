import type { StoredRecord } from '../model/stored-record.js';

/** An answer that was chosen. Its texts stay in the record alone, so that they go with it. */
export interface DatasetItem {
  readonly recordId: string;
  /** Answer that was wanted. Default: the one that was given. */
  readonly correctedAnswer?: string;
  /** User who asked, so that the item is erased when that person is forgotten. */
  readonly userId?: string;
  /** ISO 8601. */
  readonly addedAt?: string;
}

/** An answer to add. One that is in the data set already gets this corrected answer; '' takes its own away. */
export interface NewItem {
  readonly recordId: string;
  readonly correctedAnswer?: string | undefined;
  /** Corrected answer that the editor saw; '' for none. If another is stored, nothing is changed. Default: any. */
  readonly seenAnswer?: string | undefined;
}

export interface Dataset {
  readonly name: string;
  readonly description?: string;
  readonly items: readonly DatasetItem[];
  readonly version: number;
  readonly updatedAt: string;
}

/** A data set without its items. */
export interface DatasetSummary extends Omit<Dataset, 'items'> {
  readonly items: number;
  /** Items with a corrected answer. */
  readonly corrected: number;
}

/** A page of a data set. */
export interface DatasetPage extends DatasetSummary {
  readonly page: readonly ListedItem[];
}

export interface ListedItem extends DatasetItem {
  /** Null if the record is not stored any more. Such an item is not exported. */
  readonly record: StoredRecord | null;
}

/** Shapes of an exported example: of OpenAI's fine-tuning, and of the items of a data set of Langfuse. */
export const SHAPES = ['openai', 'langfuse'] as const;

export type Shape = (typeof SHAPES)[number];
