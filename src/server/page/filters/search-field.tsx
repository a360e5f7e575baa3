import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface SearchFieldProps {
  readonly value: string;
  readonly field: RefObject<HTMLInputElement | null>;
  /** With `isContinued`, the search replaces the one before, which was typed on the way to it. */
  readonly onSearch: (value: string, isContinued: boolean) => void;
}

/** Delay after a keystroke before the search starts. */
const TYPING_MS = 150;

/** The search field. What is typed in one go is one step back in the history. */
export function SearchField({ value, field, onSearch }: SearchFieldProps) {
  // Text that is typed and not searched yet. Without it, a record that arrives would render the field with its old text.
  const [draft, setDraft] = useState<string>();
  const typing = useRef<{ timer?: ReturnType<typeof setTimeout>; isContinued: boolean }>({
    isContinued: false,
  });
  const latest = useRef(onSearch);
  latest.current = onSearch;
  const search = (text: string): void => {
    clearTimeout(typing.current.timer);
    setDraft(undefined);
    latest.current(text, typing.current.isContinued);
    typing.current.isContinued = true;
  };
  const stop = (): void => {
    if (draft !== undefined) search(draft);
    typing.current.isContinued = false;
  };
  useEffect(() => {
    const onBack = (): void => {
      clearTimeout(typing.current.timer);
      typing.current.isContinued = false;
      setDraft(undefined);
    };
    globalThis.addEventListener('popstate', onBack);
    return () => globalThis.removeEventListener('popstate', onBack);
  }, []);
  return (
    <input
      ref={field}
      type="search"
      aria-label="Search"
      aria-keyshortcuts="/"
      placeholder="Search texts, comments, errors …  /"
      autocomplete="off"
      spellcheck={false}
      value={draft ?? value}
      onInput={(event) => {
        const text = event.currentTarget.value;
        setDraft(text);
        clearTimeout(typing.current.timer);
        typing.current.timer = setTimeout(() => search(text), TYPING_MS);
      }}
      onKeyDown={(event) => event.key === 'Enter' && stop()}
      onBlur={stop}
    />
  );
}
