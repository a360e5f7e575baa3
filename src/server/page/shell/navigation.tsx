import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { isShown } from '../browser/shown-paths.js';
import { useDismissal } from '../browser/use-dismissal.js';
import { Link } from '../parts/link.js';
import { VIEW_GROUPS, viewName } from './views.js';

interface NavigationProps {
  readonly path: string;
  /** Filters, which all views share. */
  readonly query: string;
  /** Requests that were rejected since somebody has looked at them. */
  readonly rejections: number;
  /** Called with the path of a view that is likely to be opened next. */
  readonly onApproach: (path: string) => void;
}

/** Links to all views, in groups: beside the content, or, on a narrow page, below a button that names the open view. */
export function Navigation({ path, query, rejections, onApproach }: NavigationProps) {
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const id = useId();
  useDismissal(box, {
    isOpen: () => isOpen,
    dismiss: (isByKey) => {
      setOpen(false);
      if (isByKey) button.current?.focus();
    },
  });
  useEffect(() => setOpen(false), [path, query]);
  // In a low window, the links scroll.
  useLayoutEffect(() => {
    box.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [path]);
  const groups = VIEW_GROUPS.map(({ name, views }) => ({
    name,
    views: views.filter((view) => isShown(view.path)),
  }));
  return (
    <div class="navigation" ref={box}>
      <button
        ref={button}
        type="button"
        class="navigation-button"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true">☰</span>
        <span class="visually-hidden">Views: </span>
        {viewName(path)}
        {path !== '/rejected' && <RejectionBadge count={rejections} />}
      </button>
      <nav id={id} aria-label="Views" data-open={isOpen}>
        {groups.map(
          ({ name, views }) =>
            views.length > 0 && (
              <div
                key={name}
                class="navigation-group"
                role={name === undefined ? undefined : 'group'}
                aria-label={name}
              >
                {name !== undefined && <p aria-hidden="true">{name}</p>}
                {views.map((view) => (
                  <Link
                    key={view.path}
                    href={query ? `${view.path}?${query}` : view.path}
                    current={view.path === path}
                    onApproach={() => onApproach(view.path)}
                  >
                    {view.name}
                    {view.path === '/rejected' && <RejectionBadge count={rejections} />}
                  </Link>
                ))}
              </div>
            ),
        )}
      </nav>
    </div>
  );
}

function RejectionBadge({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <span class="badge">
      {count}
      <span class="visually-hidden"> new</span>
    </span>
  );
}
