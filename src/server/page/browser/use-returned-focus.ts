import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/**
 * When `box` goes away with the focus in it, gives the focus back to the element that had it when `box` came. Without it, the next stop of
 * the Tab key would be the first of the page.
 */
export function useReturnedFocus(box: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const [element, before] = [box.current, document.activeElement];
    return () => {
      const hasFocus = element?.contains(document.activeElement) === true;
      if (hasFocus && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
}
