import type { ComponentChildren, RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { useDismissal } from '../browser/use-dismissal.js';

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
  useDismissal(menu, {
    isOpen: () => menu.current?.open === true,
    dismiss: (isByKey) => {
      if (menu.current) menu.current.open = false;
      if (isByKey) summary.current?.focus();
    },
  });
  return (
    <details class="menu" data-kind={kind} ref={menu} onToggle={() => align(menu.current)}>
      <summary ref={summary}>{label}</summary>
      {children}
    </details>
  );
}

/** Lets an open box end where its button ends if it would be cut off by the right side of the page. */
function align(menu: HTMLDetailsElement | null): void {
  const box = menu?.open ? menu.querySelector('.menu-body') : null;
  if (!menu || !box) return;
  menu.dataset['end'] = 'false';
  menu.dataset['end'] = String(box.getBoundingClientRect().right > document.documentElement.clientWidth);
}
