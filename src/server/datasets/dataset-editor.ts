import type { PropertyValue } from '../../records/model/prompt-record.js';
import { DocumentRefusedError } from '../documents/check-document.js';
import type { DocumentEditor } from '../documents/document-editor.js';
import { NOT_STORED, VersionConflictError } from '../engines/document-store.js';
import type { RecordStore } from '../engines/record-store.js';
import type { Requester } from '../model/privacy/audit.js';
import { DATASET_KIND, toDataset } from './dataset.js';
import type { Dataset, DatasetItem, NewItem } from './dataset-page.js';

/** An item of a record that is not stored. */
export class UnknownRecordError extends Error {
  override readonly name = 'UnknownRecordError';
}

/** Times that a data set is read again because somebody has changed it meanwhile. */
const ATTEMPTS = 5;

/** Adds items to data sets and takes them out, whatever others change at the same time. */
export class DatasetEditor {
  readonly #store: RecordStore;
  readonly #editor: DocumentEditor;

  constructor(store: RecordStore, editor: DocumentEditor) {
    this.#store = store;
    this.#editor = editor;
  }

  /** Makes the data set if there is none. @throws UnknownRecordError, DocumentRefusedError */
  async add(name: string, added: readonly NewItem[], by: Requester): Promise<Dataset> {
    const records = await this.#store.get(added.map(({ recordId }) => recordId));
    const addedAt = new Date().toISOString();
    const items = added.map(({ recordId, correctedAnswer }): DatasetItem => {
      const record = records.get(recordId);
      if (!record) throw new UnknownRecordError(`There is no record "${recordId}"`);
      return {
        recordId,
        ...(correctedAnswer !== undefined && { correctedAnswer }),
        userId: record.userId,
        addedAt,
      };
    });
    const byId = new Map(items.map((item) => [item.recordId, item]));
    return this.#change(name, by, (before) => {
      refuseUnseen(before, added);
      const known = new Set(before.map(({ recordId }) => recordId));
      return [
        // The time at which it was added first stays.
        ...before.map((item) => ({ ...item, ...byId.get(item.recordId), ...timeOf(item) })),
        ...[...byId.values()].filter(({ recordId }) => !known.has(recordId)),
      ].map(withoutEmpty);
    });
  }

  /** Takes records out. Returns undefined if there is no such data set. */
  async remove(name: string, ids: ReadonlySet<string>, by: Requester): Promise<Dataset | undefined> {
    if (!(await this.#editor.get(DATASET_KIND, name))) return undefined;
    return this.#change(name, by, (before) => before.filter(({ recordId }) => !ids.has(recordId)));
  }

  async #change(
    name: string,
    by: Requester,
    change: (items: readonly DatasetItem[]) => readonly DatasetItem[],
  ): Promise<Dataset> {
    for (let attempt = 1; ; attempt++) {
      const stored = await this.#editor.get(DATASET_KIND, name);
      const before = stored && { ...toDataset(stored), others: fieldsOf(stored.value) };
      const items = change(before?.items ?? []) as unknown as PropertyValue;
      const value = { ...before?.others, items };
      try {
        const { document } = await this.#editor.put(
          { kind: DATASET_KIND, name, value },
          by,
          stored?.version ?? NOT_STORED,
        );
        return toDataset(document);
      } catch (error) {
        if (!(error instanceof VersionConflictError) || attempt === ATTEMPTS) throw error;
      }
    }
  }
}

/** @throws DocumentRefusedError for a corrected answer that its editor has not seen */
function refuseUnseen(before: readonly DatasetItem[], added: readonly NewItem[]): void {
  const stored = new Map(before.map(({ recordId, correctedAnswer }) => [recordId, correctedAnswer]));
  for (const { recordId, correctedAnswer, seenAnswer } of added) {
    const now = stored.get(recordId) ?? '';
    if (seenAnswer !== undefined && now !== seenAnswer && now !== correctedAnswer)
      throw new DocumentRefusedError(
        'changed',
        `Somebody else has corrected "${recordId}" meanwhile. It is now: ${now || 'not corrected'}`,
      );
  }
}

function timeOf({ addedAt }: DatasetItem): Pick<DatasetItem, 'addedAt'> {
  return addedAt === undefined ? {} : { addedAt };
}

function withoutEmpty({ correctedAnswer, ...item }: DatasetItem): DatasetItem {
  return correctedAnswer ? { ...item, correctedAnswer } : item;
}

/** Returns the fields of a document, those that are not read included. */
function fieldsOf(value: PropertyValue): Readonly<Record<string, PropertyValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, PropertyValue>>)
    : {};
}
