import type { ComponentChildren, RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface MenuProps {
  readonly label: string;
  /** Set to the element, so that the owner can close the menu. */
  readonly menu: RefObject<HTMLDetailsElement | null>;
  /** Value of `data-kind`, for styles. */
  readonly kind?: string;
  readonly children: ComponentChildren;
}

/** A button that drops down a box. `Escape`, a press outside of it, and a focus that moves elsewhere close it. */
export function Menu({ label, menu, kind, children }: MenuProps) {
  const summary = useRef<HTMLElement>(null);
  useEffect(() => {
    const isOutside = (event: Event): boolean =>
      event.target instanceof Node && !menu.current?.contains(event.target);
    const close = (event: Event): void => {
      if (menu.current?.open && isOutside(event)) menu.current.open = false;
    };
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || !menu.current?.open) return;
      // Stops the same key from closing the open record as well.
      event.preventDefault();
      menu.current.open = false;
      summary.current?.focus();
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    document.addEventListener('keydown', onKeyDown, { capture: true });
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', close);
      document.removeEventListener('keydown', onKeyDown, { capture: true });
    };
  }, []);
  return (
    <details class="menu" data-kind={kind} ref={menu}>
      <summary ref={summary}>{label}</summary>
      {children}
    </details>
  );
}
