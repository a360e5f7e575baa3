/** The part of a browser's globals that is used. */
interface PageLike {
  readonly document?: { readonly visibilityState?: string };
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/**
 * In a browser: flushes when the page is hidden or left, which on a phone is the last that a page hears. The requests of a
 * destination outlive the page as far as the browser's `keepalive` allows (60 kB). Elsewhere nothing.
 *
 * @returns the undo.
 */
export function flushOnHide(flush: () => Promise<void>): () => void {
  const page = globalThis as PageLike;
  if (page.document === undefined || typeof page.addEventListener !== 'function') return () => {};
  const onHide = (): void => void flush();
  const onVisibility = (): void => {
    if (page.document?.visibilityState === 'hidden') onHide();
  };
  page.addEventListener('pagehide', onHide);
  page.addEventListener('visibilitychange', onVisibility);
  return () => {
    page.removeEventListener?.('pagehide', onHide);
    page.removeEventListener?.('visibilitychange', onVisibility);
  };
}
