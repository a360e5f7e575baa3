import { isRecord } from '../../../common/unknown-values.js';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import { VersionConflictError, type DocumentStore } from '../../engines/document-store.js';
import { BadQueryError } from '../../query/parse-query.js';
import { categoryOf, MAX_INTENTS, OTHER } from './category-names.js';
import { formerKeyOf, isFormerKey } from './intents.js';
import { UNCLEAR } from './label-values.js';

/** The document with the categories of intents that people have named: `{ names, renamed, renamedAfter }`. */
export const CATEGORIES_SETTING = { kind: 'setting', name: 'label-categories' } as const;

export interface Categories {
  /** Categories that the labeller knows whether or not a prompt has them. They are names, and outlive the texts that have them. */
  readonly names: readonly string[];
  /** New names, by `formerKeyOf()` the former ones. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Version of the document before each of these was renamed. Missing if it is not known. */
  readonly renamedAfter: Readonly<Record<string, number>>;
  /** Version of the document; 0 without one. */
  readonly version: number;
}

/** Returns what people have named; a document that cannot be read counts as none. */
export async function readCategories(documents: DocumentStore): Promise<Categories> {
  const document = await documents.get(CATEGORIES_SETTING.kind, CATEGORIES_SETTING.name);
  const { names, renamed, renamedAfter } = isRecord(document?.value) ? document.value : {};
  return {
    names: Array.isArray(names) ? names.filter(isCategory) : [],
    renamed: byFormerKey(renamed, isCategory),
    renamedAfter: byFormerKey(renamedAfter, (version) => typeof version === 'number'),
    version: document?.version ?? 0,
  };
}

function byFormerKey<T>(value: unknown, isValid: (item: unknown) => item is T): Readonly<Record<string, T>> {
  const entries = isRecord(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((pair): pair is [string, T] => isFormerKey(pair[0]) && isValid(pair[1])),
  );
}

/** Refuses a value that cannot be the document. Other settings are not its business. @throws BadQueryError */
export function checkCategories(name: string, value: PropertyValue): void {
  if (name !== CATEGORIES_SETTING.name) return;
  const { names = [], renamed = {} } = isRecord(value) ? value : { names: null };
  if (!Array.isArray(names) || names.length > MAX_INTENTS || !isRecord(renamed))
    throw new BadQueryError(
      `Categories have the form { "names": ["refund"], "renamed": {} }, with at most ${MAX_INTENTS} names`,
    );
  if (!Object.keys(renamed).every(isFormerKey))
    throw new BadQueryError(
      'The keys of "renamed" are hashes of former names: POST /api/labels/rename?from=money+back&to=refund adds one',
    );
  for (const category of [...(names as unknown[]), ...Object.values(renamed)])
    if (checkCategory(category) !== category)
      throw new BadQueryError(
        'A category is written in lower case, with single spaces and without punctuation',
      );
  for (const category of names as string[]) {
    const now = (renamed as Readonly<Record<string, string>>)[formerKeyOf(category)];
    if (now !== undefined && now !== category)
      throw new BadQueryError(`"${category}" was renamed to "${now}": rename that back`);
  }
}

/** Returns a category as labels have it. @throws BadQueryError */
export function checkCategory(given: unknown): string {
  const name = typeof given === 'string' ? categoryOf(given) : undefined;
  if (name === undefined || name === UNCLEAR || name === OTHER)
    throw new BadQueryError('A category has one to six words, and at most 40 characters');
  return name;
}

/** Returns the name that a category has now. */
export function currentNameOf(category: string, { renamed }: Pick<Categories, 'renamed'>): string {
  return renamed[formerKeyOf(category)] ?? category;
}

/** Returns the categories after one was renamed. What was renamed to the former name follows. */
export function withRenamed(
  { names, renamed, renamedAfter, version }: Categories,
  from: string,
  to: string,
): Omit<Categories, 'version'> {
  const gone = new Set([formerKeyOf(from), formerKeyOf(to)]);
  const others = Object.entries(renamed).filter(([former]) => !gone.has(former));
  const followed = others.map(([former, name]) => [former, name === from ? to : name] as const);
  const after = Object.entries(renamedAfter).filter(([former]) => !gone.has(former));
  const kept = names.filter(
    (name) => !gone.has(formerKeyOf(name)) && (renamed[formerKeyOf(name)] ?? name) === name,
  );
  return {
    names: [...kept, to].slice(-MAX_INTENTS),
    renamed: Object.fromEntries([...followed, [formerKeyOf(from), to] as const]),
    renamedAfter: Object.fromEntries([...after, [formerKeyOf(from), version] as const]),
  };
}

/** Two people have renamed one category differently. The message says whose change is not stored. */
export class CategoryConflictError extends VersionConflictError {
  constructor(message: string, version: number) {
    super(CATEGORIES_SETTING, version);
    this.message = message;
  }
}

/**
 * Refuses to rename a category if it, or its new name, was renamed after a version of the document. What else was changed meanwhile contradicts nothing.
 *
 * @throws CategoryConflictError
 */
export function checkRenamedMeanwhile(categories: Categories, from: string, to: string, seen: number): void {
  const { renamed, renamedAfter, version } = categories;
  if (seen === version) return;
  for (const name of [from, to]) {
    const now = renamed[formerKeyOf(name)];
    if (now === undefined || now === name || (renamedAfter[formerKeyOf(name)] ?? seen) < seen) continue;
    throw new CategoryConflictError(
      `Somebody else has renamed "${name}" to "${now}" meanwhile, so that "${from}" does not become "${to}": ` +
        (name === from ? `rename "${now}" instead` : `choose "${now}" instead`),
      version,
    );
  }
}

function isCategory(value: unknown): value is string {
  return typeof value === 'string' && categoryOf(value) === value;
}
