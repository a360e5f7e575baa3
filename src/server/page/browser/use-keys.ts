import { useEffect, useRef } from 'preact/hooks';

/** Action by key, as in `KeyboardEvent.key`. */
export type Keys = Readonly<Record<string, () => void>>;

/** Runs the action of a key that is pressed anywhere but in fields and dialogs. `Escape` works in fields, too. */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      if (target?.closest('dialog[open]')) return;
      const isField = target?.matches('input, select, textarea') ?? false;
      if (isField && event.key !== 'Escape') return;
      // Enter on a button or a link activates it.
      if (event.key === 'Enter' && target?.closest('button, a, summary')) return;
      const action = latest.current[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, []);
}
