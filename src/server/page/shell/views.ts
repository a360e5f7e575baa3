import { isViewPath, VIEW_PATHS, type ViewPath } from '../../http/view-paths.js';

interface ViewGroup {
  /** Undefined for the views that stand before all groups. */
  readonly name: string | undefined;
  readonly views: readonly { readonly path: ViewPath; readonly name: string }[];
}

/** Names of the views, and their groups in the order of the navigation. */
const NAMES: Readonly<Record<ViewPath, readonly [name: string, group?: (typeof GROUPS)[number]]>> = {
  '/summary': ['Summary'],
  '/': ['Prompts', 'Records'],
  '/conversations': ['Conversations', 'Records'],
  '/review': ['Review', 'Records'],
  '/datasets': ['Data sets', 'Records'],
  '/people': ['People', 'Insights'],
  '/topics': ['Topics', 'Insights'],
  '/overview': ['Overview', 'Insights'],
  '/explore': ['Explore', 'Insights'],
  '/alerts': ['Alerts', 'Operations'],
  '/rejected': ['Rejected', 'Operations'],
};
const GROUPS = [undefined, 'Records', 'Insights', 'Operations'] as const;

/** Views in the order of the navigation. */
export const VIEW_GROUPS: readonly ViewGroup[] = GROUPS.map((group) => ({
  name: group,
  views: VIEW_PATHS.filter((path) => NAMES[path][1] === group).map((path) => ({
    path,
    name: NAMES[path][0],
  })),
}));

/** Returns the name of the view at a path. */
export function viewName(path: string): string | undefined {
  return isViewPath(path) ? NAMES[path][0] : undefined;
}
