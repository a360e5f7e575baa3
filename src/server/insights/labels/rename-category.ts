import { VersionConflictError, type NewDocument } from '../../engines/document-store.js';
import type { RecordStore } from '../../engines/record-store.js';
import { BadQueryError } from '../../query/parse-query.js';
import type { PropertyCondition, RecordQuery } from '../../query/record-query.js';
import {
  CATEGORIES_SETTING,
  checkCategory,
  checkRenamedMeanwhile,
  readCategories,
  withRenamed,
} from './categories.js';
import { formerKeyOf } from './intents.js';
import { contentKeyOf, INTENT_PROPERTY, labelsOf, STATUS_PROPERTY } from './label-properties.js';
import { OUTCOMES, SENTIMENTS } from './label-values.js';
import type { RenameAnswer } from './rename-answer.js';
import type { SavedLabels } from './labelling.js';

/** Prompts that are read and written at once, and in one request. */
const BATCH = 500;
const MAX_RENAMED = 5000;
/** Times that the document is read again because somebody has changed it meanwhile. */
const ATTEMPTS = 5;

/** Records with all labels. Others cannot be changed, and would be found by each request. */
const OF_A_MODEL: readonly PropertyCondition[] = [
  { name: STATUS_PROPERTY, values: ['done'] },
  { name: 'label_sentiment', values: SENTIMENTS },
  { name: 'label_outcome', values: OUTCOMES },
];

export interface RenameParts {
  readonly store: RecordStore;
  /** Stores a document in place of that version. */
  readonly put: (document: NewDocument, expected: number) => Promise<unknown>;
  /** Stores labels of prompts that still have these texts, by id. Returns their number. */
  readonly save: (labels: ReadonlyMap<string, SavedLabels>) => Promise<number>;
}

/**
 * Gives a category of intents another name, also that of another one, which merges both: for what is labelled from now on, and for the prompts that have it.
 * Labels that an application has sent stay.
 *
 * @param seen version of the document with the categories that the caller has seen; undefined: any
 * @throws BadQueryError
 * @throws CategoryConflictError if somebody else has renamed one of both otherwise since
 */
export async function renameCategory(
  { store, put, save }: RenameParts,
  given: { readonly from: unknown; readonly to: unknown },
  seen?: number,
): Promise<RenameAnswer> {
  const [from, to] = [checkCategory(given.from), checkCategory(given.to)];
  if (from === to) throw new BadQueryError('from and to are the same category');
  await noteRename({ store, put }, from, to, seen);
  const query: RecordQuery = {
    kinds: ['prompt'],
    properties: [{ name: INTENT_PROPERTY, values: [from] }, ...OF_A_MODEL],
  };
  let changed = 0;
  let before: string | undefined;
  do {
    const page = await store.list(query, { limit: BATCH, ...(before !== undefined && { before }) });
    const labels = page.records.flatMap((record) => {
      const known = labelsOf(record);
      const labelled = known && { status: 'done' as const, labels: { ...known, intent: to } };
      return labelled ? [[record.id, { content: contentKeyOf(record), labelled }] as const] : [];
    });
    changed += await save(new Map(labels));
    before = page.next;
  } while (before !== undefined && changed < MAX_RENAMED);
  // Totals of lists are capped in a database.
  const { total } = await store.measure(query, { measures: ['prompts'] });
  return { from, to, changed, left: total.values[0] ?? 0 };
}

/** Changes the document, in which other changes of the same time stay. */
async function noteRename(
  { store, put }: Pick<RenameParts, 'store' | 'put'>,
  from: string,
  to: string,
  seen: number | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const categories = await readCategories(store.documents);
    if (categories.renamed[formerKeyOf(from)] === to) return;
    checkRenamedMeanwhile(categories, from, to, seen ?? categories.version);
    try {
      await put(
        { ...CATEGORIES_SETTING, value: { ...withRenamed(categories, from, to) } },
        categories.version,
      );
      return;
    } catch (error) {
      if (!(error instanceof VersionConflictError) || attempt === ATTEMPTS) throw error;
    }
  }
}
