/** Tabs, in order. `app.tsx` maps each path to its view. */
export const VIEWS = [
  { path: '/summary', name: 'Summary' },
  { path: '/', name: 'Prompts' },
  { path: '/conversations', name: 'Conversations' },
  { path: '/review', name: 'Review' },
  { path: '/datasets', name: 'Data sets' },
  { path: '/people', name: 'People' },
  { path: '/topics', name: 'Topics' },
  { path: '/overview', name: 'Overview' },
  { path: '/explore', name: 'Explore' },
  { path: '/alerts', name: 'Alerts' },
  { path: '/rejected', name: 'Rejected' },
] as const;
