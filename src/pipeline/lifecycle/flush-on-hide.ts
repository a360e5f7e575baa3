/** Globals of a browser that are used. */
interface PageLike {
  readonly document?: { readonly visibilityState?: string };
  addEventListener?(type: string, listener: () => void): void;
  removeEventListener?(type: string, listener: () => void): void;
}

/**
 * In a browser, flushes when the page is hidden or left. On a phone this is the last event that a page gets. Requests outlive the page
 * up to the browser's limit for `keepalive` (60 kB). Outside of a browser it does nothing.
 *
 * @returns a function that removes the listeners.
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
