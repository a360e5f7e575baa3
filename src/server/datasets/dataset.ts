import type { PropertyValue } from '../../records/model/prompt-record.js';
import type { StoredDocument } from '../engines/document-store.js';
import { BadQueryError } from '../query/parse-query.js';
import type { Dataset, DatasetItem } from './dataset-page.js';

/** Kind of the documents with data sets: `{ description?, items }`, by name. */
export const DATASET_KIND = 'dataset';

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
