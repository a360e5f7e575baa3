import { useEffect, useRef } from 'preact/hooks';
import type { StoredDocument } from '../../engines/document-store.js';
import { ApiError, toApiError } from './api-error.js';
import { getDocument } from './api.js';
import { SeenDocument } from './seen-document.js';

interface SeenOptions {
  /** Puts a value into words. */
  readonly textOf: (value: unknown) => string;
  /** Called with what is stored. Returns a sentence for the editor if the page does not show that. */
  readonly onLoaded?: (stored: StoredDocument | undefined) => string | undefined;
  /** Called with such a sentence, and with the reason why nothing could be read. */
  readonly onProblem: (problem: string) => void;
}

export interface EditedDocument {
  /**
   * Returns the document as its editor has seen it.
   *
   * @throws ApiError with what is stored, if the editor could not know that before the click
   */
  readonly seen: () => Promise<SeenDocument>;
  /** Reads it again, after a change. */
  readonly reload: () => void;
}

interface Loaded {
  readonly seen: SeenDocument;
  readonly text: string;
  /** Sentence for the editor; undefined if the page shows what is stored. */
  readonly news: string | undefined;
}

/** Reads a document when its editor opens. A click waits for that; it never takes the version that is stored at the click. */
export function useSeenDocument(
  { kind, name }: Pick<StoredDocument, 'kind' | 'name'>,
  { textOf, onLoaded, onProblem }: SeenOptions,
): EditedDocument {
  const loading = useRef<Promise<Loaded>>(undefined);
  const known = useRef<Loaded>(undefined);
  const read = async (): Promise<Loaded> => {
    const stored = await getDocument(kind, name);
    const seen = new SeenDocument({ kind, name }, stored?.version ?? 0, textOf, stored?.value);
    const text = stored ? textOf(stored.value) : 'not set';
    return (known.current = { seen, text, news: onLoaded?.(stored) });
  };
  const reload = (): void => {
    known.current = undefined;
    loading.current = read();
    loading.current.then(
      ({ news }) => news !== undefined && onProblem(news),
      (error: unknown) => onProblem(toApiError(error).message),
    );
  };
  useEffect(reload, []);
  const seen = async (): Promise<SeenDocument> => {
    if (known.current) return known.current.seen;
    const first = await loading.current?.catch(() => undefined);
    if (first && first.news === undefined) return first.seen;
    const { news, text } = first ?? (await read());
    throw new ApiError(
      news ?? `It could not be read before. It is now: ${text}. Do it again to replace that.`,
    );
  };
  return { seen, reload };
}
