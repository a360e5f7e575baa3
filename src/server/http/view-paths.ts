/** Paths of the page's views. What is known of each view is a record by {@link ViewPath}, so that the compiler asks for it. */
export const VIEW_PATHS = [
  '/',
  '/summary',
  '/conversations',
  '/review',
  '/datasets',
  '/people',
  '/topics',
  '/overview',
  '/explore',
  '/alerts',
  '/rejected',
] as const;

export type ViewPath = (typeof VIEW_PATHS)[number];

export function isViewPath(path: string): path is ViewPath {
  return VIEW_PATHS.some((known) => known === path);
}
