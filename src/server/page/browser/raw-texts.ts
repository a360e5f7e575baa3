import { useEffect, useState } from 'preact/hooks';

const STORAGE_KEY = 'trubrics-raw-texts';
const CHANGED = 'rawtextschange';

/** True if the reader wants answers as they were sent instead of as Markdown. Kept in the browser, for all texts of the page. */
export function useRawTexts(): readonly [isRaw: boolean, toggle: () => void] {
  const [isRaw, setRaw] = useState(readStored);
  useEffect(() => {
    const update = (): void => setRaw(readStored());
    globalThis.addEventListener(CHANGED, update);
    return () => globalThis.removeEventListener(CHANGED, update);
  }, []);
  return [isRaw, toggleRawTexts];
}

/** Used where storage is disabled: the choice then lasts until the page is closed. */
let unstored = false;

function toggleRawTexts(): void {
  const isRaw = !readStored();
  try {
    localStorage.setItem(STORAGE_KEY, String(isRaw));
  } catch {
    unstored = isRaw;
  }
  globalThis.dispatchEvent(new Event(CHANGED));
}

function readStored(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === 'true';
  } catch {
    return unstored;
  }
}
