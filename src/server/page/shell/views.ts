interface ViewName {
  readonly path: string;
  readonly name: string;
}

interface ViewGroup {
  /** Undefined for the views that stand before all groups. */
  readonly name: string | undefined;
  readonly views: readonly ViewName[];
}

/** Views in the order of the navigation. `../views/lazy-view.tsx` has the component of each path. */
export const VIEW_GROUPS: readonly ViewGroup[] = [
  { name: undefined, views: [{ path: '/summary', name: 'Summary' }] },
  {
    name: 'Records',
    views: [
      { path: '/', name: 'Prompts' },
      { path: '/conversations', name: 'Conversations' },
      { path: '/review', name: 'Review' },
      { path: '/datasets', name: 'Data sets' },
    ],
  },
  {
    name: 'Insights',
    views: [
      { path: '/people', name: 'People' },
      { path: '/topics', name: 'Topics' },
      { path: '/overview', name: 'Overview' },
      { path: '/explore', name: 'Explore' },
    ],
  },
  {
    name: 'Operations',
    views: [
      { path: '/alerts', name: 'Alerts' },
      { path: '/rejected', name: 'Rejected' },
    ],
  },
];

/** Returns the name of the view at a path. */
export function viewName(path: string): string | undefined {
  return VIEW_GROUPS.flatMap(({ views }) => views).find((view) => view.path === path)?.name;
}
