import { useEffect } from 'preact/hooks';

/** Sets the title of the document: the most specific part first, because tabs of a browser show only the beginning. */
export function useTitle(parts: readonly (string | undefined)[]): void {
  const title = [...parts, 'Trubrics'].filter(Boolean).join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
}
