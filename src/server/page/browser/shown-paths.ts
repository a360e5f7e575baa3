import { pageSettings } from './page-settings.js';

/** Views without texts of people, the first one first. Other readers see all views. */
const NUMBERS_PATHS: readonly string[] = ['/summary', '/overview', '/people', '/explore', '/alerts'];

/** Returns true if this reader may see the view at a path. */
export function isShown(path: string): boolean {
  return !pageSettings().numbersOnly || NUMBERS_PATHS.includes(path);
}

/** Returns the path of the view that is shown at an address. */
export function shownPath(path: string): string {
  return isShown(path) ? path : (NUMBERS_PATHS[0] ?? path);
}
