import { useState } from 'preact/hooks';
import type { RecordFeed } from '../data/record-feed.js';
import { pageSettings } from '../browser/page-settings.js';
import { toServerUrl } from '../browser/base-path.js';
import { currentTheme, nextTheme } from '../browser/theme.js';
import { ViewsMenu } from '../saved-views/views-menu.js';
import { Navigation } from './navigation.js';
import { ProjectSwitch } from './project-switch.js';

const THEMES = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const;

interface HeaderProps {
  readonly feed: RecordFeed;
  readonly path: string;
  readonly query: string;
  readonly params: URLSearchParams;
  readonly onHelp: () => void;
  /** Called with the path of a view that is likely to be opened next. */
  readonly onApproach: (path: string) => void;
}

export function Header({ feed, path, query, params, onHelp, onApproach }: HeaderProps) {
  const [theme, setTheme] = useState(currentTheme);
  return (
    <header class="header">
      <div class="brand">
        <h1>
          <img src={toServerUrl('/favicon.svg')} alt="" width="22" height="22" />
          <span class="wide">Trubrics</span>
        </h1>
        <ProjectSwitch path={path} />
      </div>
      <Navigation path={path} query={query} rejections={feed.rejections} onApproach={onApproach} />
      <div class="header-tools">
        <ViewsMenu path={path} params={params} />
        {!pageSettings().numbersOnly && <LiveStatus feed={feed} />}
        <button type="button" class="quiet" onClick={() => setTheme(nextTheme())} title="Colours">
          <span class="visually-hidden">Colours: </span>
          <span aria-hidden="true">◐&nbsp;</span>
          <span class="wide">{THEMES[theme]}</span>
        </button>
        <button type="button" class="quiet" onClick={onHelp} aria-label="Keyboard and help">
          <span aria-hidden="true">?&nbsp;</span>
          <span class="wide">Help</span>
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
