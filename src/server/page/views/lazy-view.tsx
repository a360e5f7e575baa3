import type { ComponentType } from 'preact';
import { useEffect, useReducer, useState } from 'preact/hooks';
import { isViewPath, type ViewPath } from '../../http/view-paths.js';
import { ApiError, toApiError } from '../data/api-error.js';
import { getResource } from '../data/api.js';
import { LoadState } from '../parts/load-state.js';
import type { ViewProps } from './view-props.js';

type View = ComponentType<ViewProps>;

/** Views by path. Their code is loaded when they are first shown. */
const LOADERS: Readonly<Record<ViewPath, () => Promise<View>>> = {
  '/summary': async () => (await import('./summary/summary-view.js')).SummaryView,
  '/': async () => (await import('./prompts/prompts-view.js')).PromptsView,
  '/conversations': async () => (await import('./conversations/conversations-view.js')).ConversationsView,
  '/people': async () => (await import('./people/people-view.js')).PeopleView,
  '/review': async () => (await import('./review/review-view.js')).ReviewView,
  '/datasets': async () => (await import('./datasets/datasets-view.js')).DatasetsView,
  '/topics': async () => (await import('./topics/topics-view.js')).TopicsView,
  '/overview': async () => (await import('./overview/overview-view.js')).OverviewView,
  '/explore': async () => (await import('./explore/explore-view.js')).ExploreView,
  '/alerts': async () => (await import('./alerts/alerts-view.js')).AlertsView,
  '/rejected': async () => (await import('./rejected/rejected-view.js')).RejectedView,
};

const NOT_LOADED = new ApiError(
  'This view could not be loaded. The server has probably been updated since: load the page again.',
);

/** Longest wait for the reason why a view could not be loaded. */
const PROBE_MS = 5000;

const loaded = new Map<string, View>();

async function loadView(path: string): Promise<void> {
  if (isViewPath(path)) loaded.set(path, await LOADERS[path]());
}

/** Loads a view that is likely to be shown next. An error is told when the view is shown. */
export function preloadView(path: string): void {
  if (!loaded.has(path)) loadView(path).catch(() => undefined);
}

/** Returns why a view could not be loaded: browsers do not say it of a script, but the server does of another request. */
async function reasonOfFailure(): Promise<ApiError> {
  try {
    await getResource('intake', '', AbortSignal.timeout(PROBE_MS));
    return NOT_LOADED;
  } catch (error) {
    return toApiError(error);
  }
}

interface Failure {
  readonly path: string;
  readonly reason: ApiError;
}

/** The view of `props.path`; until its code is there, how far that is. A failed load is tried again when the server is heard of. */
export function LazyView(props: ViewProps) {
  const { path, feed } = props;
  const [failure, setFailure] = useState<Failure>();
  const [tries, update] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (loaded.has(path)) return undefined;
    let isGone = false;
    loadView(path)
      .then(() => !isGone && update(undefined))
      .catch(async () => {
        const reason = await reasonOfFailure();
        if (!isGone) setFailure({ path, reason });
      });
    return () => {
      isGone = true;
    };
  }, [path, tries, failure && feed.changes]);
  const View = loaded.get(path);
  if (View) return <View {...props} />;
  if (!isViewPath(path)) return null;
  const retry = (): void => {
    setFailure(undefined);
    update(undefined);
  };
  return <LoadState error={failure?.path === path ? failure.reason : undefined} onRetry={retry} isOfScript />;
}
