import type { PropertyValue } from '../../records/model/prompt-record.js';
import type { StoredDocument } from '../engines/document-store.js';
import { BadQueryError } from '../query/parse-query.js';

/** Kind of the documents with data sets: `{ description?, items }`, by name. */
export const DATASET_KIND = 'dataset';

/** An answer that was chosen. Its texts stay in the record alone, so that they go with it. */
export interface DatasetItem {
  readonly recordId: string;
  /** What should have been answered. Default: what was answered. */
  readonly correctedAnswer?: string;
  /** Who asked, so that the item goes when that person is forgotten. */
  readonly userId?: string;
  /** ISO 8601. */
  readonly addedAt?: string;
}

export interface Dataset {
  readonly name: string;
  readonly description?: string;
  readonly items: readonly DatasetItem[];
  readonly version: number;
  readonly updatedAt: string;
}

/** Reads a document. What is no item is left out: people write these documents by hand as well. */
export function toDataset({ name, value, version, updatedAt }: StoredDocument): Dataset {
  const fields = isObject(value) ? value : {};
  const items = Array.isArray(fields['items']) ? fields['items'] : [];
  const description = textOf(fields['description']);
  return {
    name,
    ...(description !== undefined && { description }),
    items: items.flatMap((item: PropertyValue) => toItem(item) ?? []),
    version,
    updatedAt,
  };
}

/** Refuses a value that is no data set: an item that is not read would be lost in silence. @throws BadQueryError */
export function checkDataset(_name: string, value: PropertyValue): void {
  const items = isObject(value) ? value['items'] : undefined;
  if (!Array.isArray(items) || !items.every((item: PropertyValue) => toItem(item) !== undefined))
    throw new BadQueryError(
      'A data set is { "items": [{ "recordId": "…", "correctedAnswer": "…" }] }, with a "recordId" in each item',
    );
}

function toItem(item: PropertyValue): DatasetItem | undefined {
  const fields = isObject(item) ? item : {};
  const recordId = textOf(fields['recordId']);
  if (recordId === undefined) return undefined;
  const [correctedAnswer, userId, addedAt] = ['correctedAnswer', 'userId', 'addedAt'].map((name) =>
    textOf(fields[name]),
  );
  return {
    recordId,
    ...(correctedAnswer !== undefined && { correctedAnswer }),
    ...(userId !== undefined && { userId }),
    ...(addedAt !== undefined && { addedAt }),
  };
}

function isObject(value: PropertyValue): value is Readonly<Record<string, PropertyValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: PropertyValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
