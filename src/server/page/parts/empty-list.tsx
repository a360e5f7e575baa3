import type { ComponentChildren } from 'preact';
import { filtersOf, navigate, useLocation } from '../browser/location.js';

interface EmptyListProps {
  /** Says that there is nothing at all, and what will be there. */
  readonly title: string;
  readonly text: string;
  /** Says that the filters leave nothing. */
  readonly filteredText: string;
  readonly children?: ComponentChildren;
}

/** Stands in place of a list without entries. If filters are set, they are the reason, and can be removed. */
export function EmptyList({ title, text, filteredText, children }: EmptyListProps) {
  const { path, params } = useLocation();
  const isFiltered = filtersOf(params).length > 0;
  return (
    <div class="message">
      <h2>{isFiltered ? 'Nothing matches' : title}</h2>
      <p class="muted">{isFiltered ? filteredText : text}</p>
      {isFiltered && (
        <p class="message-actions">
          <button type="button" onClick={() => navigate(path, new URLSearchParams())}>
            Remove all filters
          </button>
        </p>
      )}
      {children}
    </div>
  );
}
