import { getDocument } from '../data/api.js';

/** Kind of the documents with views: `{ path, query }`, by name. */
export const VIEW_KIND = 'view';
/** The document with the name of the view that the bare address shows: `{ view }`. */
export const FIRST_SCREEN = { kind: 'setting', name: 'first-screen' } as const;

/** An address of the page that has a name. */
export interface SavedView {
  readonly name: string;
  /** Path within the page. */
  readonly path: string;
  readonly query: string;
  readonly version: number;
}

/** Returns undefined for a document that is no view. */
export function toSavedView(document: {
  readonly name: string;
  readonly value: unknown;
  readonly version: number;
}): SavedView | undefined {
  const { name, value, version } = document;
  if (typeof value !== 'object' || value === null || !('path' in value) || !('query' in value))
    return undefined;
  const { path, query } = value;
  if (typeof path !== 'string' || !/^\/[a-z]*$/.test(path) || typeof query !== 'string') return undefined;
  return { name, path, query, version };
}

/** Returns the view that somebody has chosen as the first screen; undefined without one. */
export async function readFirstScreen(): Promise<SavedView | undefined> {
  const setting = await getDocument(FIRST_SCREEN.kind, FIRST_SCREEN.name);
  const { view } = (setting?.value ?? {}) as { readonly view?: unknown };
  const stored = typeof view === 'string' ? await getDocument(VIEW_KIND, view) : undefined;
  return stored && toSavedView(stored);
}
