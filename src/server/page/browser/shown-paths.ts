import { isViewPath, type ViewPath } from '../../http/view-paths.js';
import { pageSettings } from './page-settings.js';

/** Views with texts of people, which some readers do not see. */
const HAS_TEXTS: Readonly<Record<ViewPath, boolean>> = {
  '/summary': false,
  '/': true,
  '/conversations': true,
  '/review': true,
  '/datasets': true,
  '/people': false,
  '/topics': true,
  '/overview': false,
  '/explore': false,
  '/alerts': false,
  '/rejected': true,
};
/** View without texts that stands for the others. */
const FIRST_WITHOUT_TEXTS: ViewPath = '/summary';

/** Returns true if this reader may see the view at a path. */
export function isShown(path: string): boolean {
  return !pageSettings().numbersOnly || (isViewPath(path) && !HAS_TEXTS[path]);
}

/** Returns the path of the view that is shown at an address. */
export function shownPath(path: string): string {
  return isShown(path) ? path : FIRST_WITHOUT_TEXTS;
}
