import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ViewPath } from '../http/view-paths.js';
import { basePath } from './browser/base-path.js';
import { isAtBareAddress, isUndecided, isWorthASummary, noteDecided } from './browser/first-screen.js';
import { filterQuery, navigate, openId, useLocation, withParams } from './browser/location.js';
import { shownPath } from './browser/shown-paths.js';
import { useFeed } from './data/use-feed.js';
import { useKeys } from './browser/use-keys.js';
import { useTitle } from './browser/use-title.js';
import type { ApiResponse } from './data/api.js';
import { useResource, type Loaded } from './data/use-resource.js';
import { ClearDialog } from './shell/clear-dialog.js';
import { FilterBar } from './filters/filter-bar.js';
import { PersonBar } from './person/person-bar.js';
import { ConnectionBanner } from './shell/banner.js';
import { EvictionNote } from './shell/eviction-note.js';
import { Header } from './shell/header.js';
import { HelpDialog } from './shell/help-dialog.js';
import { OutageBanner } from './shell/outage-banner.js';
import { readFirstScreen, type SavedView } from './saved-views/saved-view.js';
import { viewName } from './shell/views.js';
import { LazyView, preloadView } from './views/lazy-view.js';

const DEFAULT_SUMMARY_SINCE = '7d';
/** After it, the list is shown, and stays. */
const MAX_DECISION_MS = 1000;

/** Returns what the page shows, the most specific first: the open record or conversation, the search, the view. */
function titleOf(path: string, params: URLSearchParams): readonly (string | undefined)[] {
  const search = params.get('q');
  return [
    path === '/' && openId(params, 'record') !== null ? 'Record' : undefined,
    path === '/conversations' || path === '/datasets' ? (openId(params, 'open') ?? undefined) : undefined,
    search ? `“${search}”` : undefined,
    viewName(path),
  ];
}

/** A summary is always of some time: its links lead to the same one. */
function paramsOf(path: string, params: URLSearchParams): URLSearchParams {
  const isTimed = path !== '/summary' || params.get('since') || params.get('period');
  return isTimed ? params : withParams(params, { since: DEFAULT_SUMMARY_SINCE });
}

/** Views that show no records, or records that were chosen one by one. */
const UNFILTERED_PATHS: ReadonlySet<string> = new Set<ViewPath>(['/datasets', '/alerts', '/rejected']);

/**
 * Chooses what the bare address shows: the view that somebody has chosen, else the live list, or the summary if there is enough to sum up. Returns true
 * until that is known.
 */
function useFirstScreen({ value, error }: Loaded<ApiResponse<'stats'>>): boolean {
  const [isDeciding, setDeciding] = useState(() => isUndecided(new URL(location.href), basePath()));
  const [chosen, setChosen] = useState<SavedView | null>();
  useEffect(() => {
    if (!isDeciding) return;
    readFirstScreen().then(
      (view) => setChosen(view ?? null),
      () => setChosen(null),
    );
  }, []);
  useLayoutEffect(() => {
    const isKnown = chosen === null ? value !== undefined || error !== undefined : chosen !== undefined;
    if (!isDeciding || !isKnown) return;
    noteDecided();
    setDeciding(false);
    // Actions of the reader in the meantime take precedence.
    if (!isAtBareAddress(new URL(location.href), basePath())) return;
    if (chosen) navigate(chosen.path, new URLSearchParams(chosen.query), true);
    else if (value && isWorthASummary(value)) navigate('/summary', new URLSearchParams(), true);
  }, [isDeciding, chosen, value, error]);
  useEffect(() => {
    if (!isDeciding) return undefined;
    const timer = setTimeout(() => setDeciding(false), MAX_DECISION_MS);
    return () => clearTimeout(timer);
  }, [isDeciding]);
  return isDeciding;
}

/** Moves the focus without a change of the address, which holds the state of the page. */
function skipToMain(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** The whole page: maps the path of the URL to a view and the keys to actions. */
export function App() {
  const { path: address, params: given } = useLocation();
  const path = shownPath(address);
  const params = paramsOf(path, given);
  const query = filterQuery(params);
  const feed = useFeed(query, path === '/' && params.get('order') === 'time' ? 'time' : 'arrival');
  // Unfiltered, so that the filter form also offers values that the current filters exclude.
  const all = useResource('stats', 'buckets=2', feed.changes);
  const everything = all.value;
  const isDeciding = useFirstScreen(all);
  const [dialog, setDialog] = useState<'help' | 'clear'>();
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => preloadView(path), []);
  const isReading = path === '/conversations' && params.has('open') && params.has('reading');
  useKeys({
    '/': () => search.current?.focus(),
    '?': () => setDialog('help'),
    p: () => feed.hasRecords && feed.togglePause(),
    s: () => navigate('/summary', new URLSearchParams(query)),
    l: () => navigate('/', new URLSearchParams(query)),
    Escape: () => {
      if (document.activeElement === search.current) search.current?.blur();
      else if (isReading) navigate(path, withParams(params, { reading: null }));
      else if (params.has('record') || params.has('open'))
        navigate(path, withParams(params, { record: null, open: null }));
    },
  });
  useEffect(() => {
    if (path === '/rejected') feed.clearRejections();
  }, [path, feed, feed.rejections]);
  const hasFilters = !UNFILTERED_PATHS.has(path);
  const view = { feed, path, params, query, isEmpty: everything?.store.records === 0 };
  useTitle(titleOf(path, params));
  return (
    <div class="app" data-reading={isReading || undefined}>
      <a class="skip-link" href="#main" onClick={skipToMain}>
        Skip to content
      </a>
      {!isReading && (
        <Header
          feed={feed}
          path={path}
          query={query}
          params={params}
          onHelp={() => setDialog('help')}
          onApproach={preloadView}
        />
      )}
      <div class="content">
        {!isReading && (
          <>
            <ConnectionBanner feed={feed} />
            <OutageBanner />
            {hasFilters && (
              <FilterBar
                {...view}
                statistics={everything}
                search={search}
                onClear={() => setDialog('clear')}
              />
            )}
            {hasFilters && <PersonBar path={path} params={params} usage={everything?.store} />}
            {hasFilters && <EvictionNote usage={everything?.store} />}
          </>
        )}
        <main class="main" id="main" tabIndex={-1}>
          {!(isDeciding && path === '/') && <LazyView {...view} />}
        </main>
      </div>
      {dialog === 'help' && <HelpDialog onClose={() => setDialog(undefined)} />}
      {dialog === 'clear' && <ClearDialog usage={everything?.store} onClose={() => setDialog(undefined)} />}
    </div>
  );
}
