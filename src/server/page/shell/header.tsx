import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RecordFeed } from '../data/record-feed.js';
import { pageSettings } from '../browser/page-settings.js';
import { isShown } from '../browser/shown-paths.js';
import { toServerUrl } from '../browser/base-path.js';
import { currentTheme, nextTheme } from '../browser/theme.js';
import { Link } from '../parts/link.js';
import { ViewsMenu } from '../saved-views/views-menu.js';
import { ProjectSwitch } from './project-switch.js';
import { VIEWS } from './views.js';

const THEMES = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const;

interface HeaderProps {
  readonly feed: RecordFeed;
  readonly path: string;
  readonly query: string;
  readonly params: URLSearchParams;
  readonly onHelp: () => void;
}

export function Header({ feed, path, query, params, onHelp }: HeaderProps) {
  const [theme, setTheme] = useState(currentTheme);
  const tabs = useRef<HTMLElement>(null);
  // On a narrow page, the tabs scroll.
  useLayoutEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [path]);
  return (
    <header class="header">
      <div class="brand">
        <h1>
          <img src={toServerUrl('/favicon.svg')} alt="" width="22" height="22" />
          Trubrics
        </h1>
        <ProjectSwitch path={path} />
      </div>
      <nav ref={tabs} aria-label="Views">
        {VIEWS.filter((view) => isShown(view.path)).map((view) => (
          <Link
            key={view.path}
            href={query ? `${view.path}?${query}` : view.path}
            current={view.path === path}
          >
            {view.name}
            {view.path === '/rejected' && feed.rejections > 0 && (
              <span class="badge">
                {feed.rejections}
                <span class="visually-hidden"> new</span>
              </span>
            )}
          </Link>
        ))}
      </nav>
      <div class="header-tools">
        <ViewsMenu path={path} params={params} />
        {!pageSettings().numbersOnly && <LiveStatus feed={feed} />}
        <button type="button" class="quiet" onClick={() => setTheme(nextTheme())} title="Colours">
          <span class="visually-hidden">Colours: </span>
          <span aria-hidden="true">◐&nbsp;</span>
          {THEMES[theme]}
        </button>
        <button type="button" class="quiet" onClick={onHelp} aria-label="Keyboard and help">
          ?
        </button>
      </div>
    </header>
  );
}

function LiveStatus({ feed }: { readonly feed: RecordFeed }) {
  const texts = { connecting: 'Connecting', live: 'Live', lost: 'Reconnecting', off: 'Not live' };
  const state = feed.isPaused && feed.connection === 'live' ? 'paused' : feed.connection;
  const arrived = feed.pausedCount > 0 ? ` · ${feed.pausedCount} new` : '';
  return (
    <button
      type="button"
      class="live"
      data-state={state}
      aria-pressed={feed.isPaused}
      title={feed.isPaused ? 'Show what arrives again (p)' : 'Stop showing what arrives (p)'}
      onClick={() => feed.togglePause()}
    >
      <i aria-hidden="true" />
      <span role="status">{state === 'paused' ? `Paused${arrived}` : texts[feed.connection]}</span>
    </button>
  );
}
