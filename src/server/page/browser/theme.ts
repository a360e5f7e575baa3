export type Theme = 'auto' | 'light' | 'dark';

const KEY = 'trubrics-theme';
const NEXT: Record<Theme, Theme> = { auto: 'light', light: 'dark', dark: 'auto' };

export function currentTheme(): Theme {
  const stored = readStored();
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

/** Everything else is CSS: `light-dark()` follows the document's colour scheme. */
export function applyTheme(theme: Theme = currentTheme()): void {
  document.documentElement.dataset['theme'] = theme;
}

export function nextTheme(): Theme {
  const theme = NEXT[currentTheme()];
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Not kept then: storage may be forbidden.
  }
  applyTheme(theme);
  globalThis.dispatchEvent(new Event('themechange'));
  return theme;
}

/** Calls back when the colours change, by the switch or by the system. Returns the undo. */
export function onThemeChange(callback: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', callback);
  globalThis.addEventListener('themechange', callback);
  return () => {
    system.removeEventListener('change', callback);
    globalThis.removeEventListener('themechange', callback);
  };
}

/** A colour of the style sheet as it is now, for a canvas. */
export function colourOf(variable: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function readStored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
