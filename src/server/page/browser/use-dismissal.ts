import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Dismissal {
  /** Asked at each event, because the box may have been opened by the browser. */
  readonly isOpen: () => boolean;
  /** Closes the box. `isByKey`: by `Escape`, so that the focus may have to move. */
  readonly dismiss: (isByKey: boolean) => void;
}

/** Dismisses an open box when `Escape` is pressed, and when a press or the focus goes outside of it. */
export function useDismissal(box: RefObject<HTMLElement | null>, dismissal: Dismissal): void {
  const latest = useRef(dismissal);
  latest.current = dismissal;
  useEffect(() => {
    const onOutside = ({ target }: Event): void => {
      const isOutside = target instanceof Node && !box.current?.contains(target);
      if (isOutside && latest.current.isOpen()) latest.current.dismiss(false);
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !latest.current.isOpen()) return;
      // Stops the same key from closing the open record as well.
      event.preventDefault();
      latest.current.dismiss(true);
    };
    document.addEventListener('pointerdown', onOutside);
    document.addEventListener('focusin', onOutside);
    document.addEventListener('keydown', onKeyDown, { capture: true });
    return () => {
      document.removeEventListener('pointerdown', onOutside);
      document.removeEventListener('focusin', onOutside);
      document.removeEventListener('keydown', onKeyDown, { capture: true });
    };
  }, []);
}
