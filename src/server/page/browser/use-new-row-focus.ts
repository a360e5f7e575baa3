import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** End of a list at which a button loads rows. Live rows come at the other one, or between known rows. */
export type LoadingEnd = 'first' | 'last';

/**
 * Moves the focus to the first of the rows that somebody has asked for, when a list has got them. The button that was pressed may be gone with the last of
 * them, and the next stop of the Tab key would be the first of the page.
 *
 * @param end where the rows are loaded
 * @param rows selects the rows within the element that gets the reference; default: its children
 * @returns the reference, and a function that gives what asks for more rows this effect
 */
export function useNewRowFocus<Box extends HTMLElement>(
  end: LoadingEnd = 'last',
  rows = ':scope > *',
): readonly [RefObject<Box | null>, (ask: () => void) => () => void] {
  const box = useRef<Box>(null);
  const asked = useRef<{ readonly rows: ReadonlySet<Element>; readonly by: Element | null }>(undefined);
  const rowsNow = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>(rows) ?? [])];
  // After each render: a row that comes as another one goes changes no count.
  useLayoutEffect(() => {
    if (!asked.current) return;
    const { rows: known, by } = asked.current;
    const row = firstLoaded(rowsNow(), known, end);
    if (!row) return;
    // Somebody may have gone on elsewhere while the rows were loaded.
    if ([by, document.body, null].includes(document.activeElement)) focus(row);
    asked.current = undefined;
  });
  const withFocus = (ask: () => void) => (): void => {
    asked.current = { rows: new Set(rowsNow()), by: document.activeElement };
    ask();
  };
  return [box, withFocus];
}

/** Returns the first row beyond all known ones; undefined if there is none yet, or if no known row is left: that is another list. */
function firstLoaded(
  rows: readonly HTMLElement[],
  known: ReadonlySet<Element>,
  end: LoadingEnd,
): HTMLElement | undefined {
  const isKnown = (row: HTMLElement): boolean => known.has(row);
  if (end === 'first') return rows.findIndex(isKnown) > 0 ? rows[0] : undefined;
  const last = rows.findLastIndex(isKnown);
  return last < 0 ? undefined : rows[last + 1];
}

/** Rows are no stops of the Tab key: this one takes the focus once. */
function focus(row: HTMLElement): void {
  row.tabIndex = -1;
  row.addEventListener('blur', () => row.removeAttribute('tabindex'), { once: true });
  row.focus();
}
