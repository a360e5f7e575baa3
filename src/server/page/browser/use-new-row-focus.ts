import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Moves the focus to the first new row when a list has got the rows that somebody has asked for. The button that was pressed may be gone with the last of
 * them, and the next stop of the Tab key would be the first of the page.
 *
 * @param shown number of rows
 * @param rows selects the rows within the element that gets the reference; default: its children
 * @returns the reference, and a function that gives what asks for more rows this effect
 */
export function useNewRowFocus<Box extends HTMLElement>(
  shown: number,
  rows = ':scope > *',
): readonly [RefObject<Box | null>, (ask: () => void) => () => void] {
  const box = useRef<Box>(null);
  const asked = useRef<{ readonly rows: ReadonlySet<Element>; readonly by: Element | null }>(undefined);
  const rowsNow = (): HTMLElement[] => [...(box.current?.querySelectorAll<HTMLElement>(rows) ?? [])];
  useLayoutEffect(() => {
    const row = rowsNow().find((one) => asked.current?.rows.has(one) === false);
    if (!row) return;
    // Somebody may have gone on elsewhere while the rows were loaded.
    if ([asked.current?.by, document.body, null].includes(document.activeElement)) focus(row);
    asked.current = undefined;
  }, [shown]);
  const withFocus = (ask: () => void) => (): void => {
    asked.current = { rows: new Set(rowsNow()), by: document.activeElement };
    ask();
  };
  return [box, withFocus];
}

/** Rows are no stops of the Tab key: this one takes the focus once. */
function focus(row: HTMLElement): void {
  row.tabIndex = -1;
  row.addEventListener('blur', () => row.removeAttribute('tabindex'), { once: true });
  row.focus();
}
