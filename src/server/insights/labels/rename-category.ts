import type { NewDocument } from '../../engines/document-store.js';
import type { RecordStore } from '../../engines/record-store.js';
import { BadQueryError } from '../../query/parse-query.js';
import { CATEGORIES_SETTING, checkCategory, readCategories, withRenamed } from './categories.js';
import { formerKeyOf } from './intents.js';
import { contentKeyOf, INTENT_PROPERTY, labelsOf, STATUS_PROPERTY } from './label-properties.js';
import type { RenameAnswer } from './rename-answer.js';
import type { SavedLabels } from './labelling.js';

/** Prompts that are read and written at once, and in one request. */
const BATCH = 500;
const MAX_RENAMED = 5000;

export interface RenameParts {
  readonly store: RecordStore;
  /** Stores a document in place of that version. */
  readonly put: (document: NewDocument, expected: number) => Promise<unknown>;
  /** Stores labels of prompts that still have these texts, by id. */
  readonly save: (labels: ReadonlyMap<string, SavedLabels>) => Promise<unknown>;
}

/**
 * Gives a category of intents another name, also that of another one, which merges both: for what is labelled from now on, and for the prompts that have it.
 * Labels that an application has sent stay.
 *
 * @throws BadQueryError
 */
export async function renameCategory(
  { store, put, save }: RenameParts,
  given: { readonly from: unknown; readonly to: unknown },
): Promise<RenameAnswer> {
  const [from, to] = [checkCategory(given.from), checkCategory(given.to)];
  if (from === to) throw new BadQueryError('from and to are the same category');
  const categories = await readCategories(store.documents);
  if (categories.renamed[formerKeyOf(from)] !== to)
    await put({ ...CATEGORIES_SETTING, value: { ...withRenamed(categories, from, to) } }, categories.version);
  const query = {
    kinds: ['prompt'] as const,
    properties: [
      { name: INTENT_PROPERTY, values: [from] },
      { name: STATUS_PROPERTY, values: ['done'] },
    ],
  };
  let changed = 0;
  for (;;) {
    const { records, total } = await store.list(query, { limit: BATCH });
    if (records.length === 0 || changed >= MAX_RENAMED) return { from, to, changed, left: total };
    const labels = records.flatMap((record) => {
      const known = labelsOf(record);
      const labelled = known && { status: 'done' as const, labels: { ...known, intent: to } };
      return labelled ? [[record.id, { content: contentKeyOf(record), labelled }] as const] : [];
    });
    await save(new Map(labels));
    // Records that cannot be changed would be found again and again.
    if (labels.length < records.length || (await store.list(query, { limit: 1 })).total >= total)
      return { from, to, changed: changed + labels.length, left: total - labels.length };
    changed += labels.length;
  }
}
