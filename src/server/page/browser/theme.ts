export type Theme = 'auto' | 'light' | 'dark';

const STORAGE_KEY = 'trubrics-theme';
/** Order in which the button in the header goes through the themes. */
const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function currentTheme(): Theme {
  const stored = readStored();
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

/** Sets the theme on the document. The rest is CSS: `light-dark()` follows the colour scheme of the document. */
export function applyTheme(theme: Theme = currentTheme()): void {
  document.documentElement.dataset['theme'] = theme;
}

/** Switches to the next theme, stores it and returns it. */
export function nextTheme(): Theme {
  const theme = NEXT[currentTheme()];
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // Browsers throw here when storage is disabled: the theme then lasts until the page is closed.
  }
  applyTheme(theme);
  globalThis.dispatchEvent(new Event('themechange'));
  return theme;
}

/** Calls `callback` when the colours change, by the button or by the system. Returns a function that unsubscribes. */
export function onThemeChange(callback: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', callback);
  globalThis.addEventListener('themechange', callback);
  return () => {
    system.removeEventListener('change', callback);
    globalThis.removeEventListener('themechange', callback);
  };
}

/** Returns the current value of a colour variable of the style sheet, for drawing on a canvas. */
export function resolveColour(variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function readStored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
