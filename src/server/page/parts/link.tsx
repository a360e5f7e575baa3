import type { ComponentChildren } from 'preact';
import { toServerUrl } from '../browser/base-path.js';
import { isShown } from '../browser/shown-paths.js';
import { navigate } from '../browser/location.js';
import { visibleText } from '../data/visible-text.js';

interface LinkProps {
  readonly href: string;
  readonly class?: string;
  readonly title?: string;
  readonly current?: boolean;
  /** Called before a likely click: the pointer or the focus has come. */
  readonly onApproach?: () => void;
  readonly children: ComponentChildren;
}

/**
 * A link within the page. A plain click changes the view without a request; copying and opening in a tab work as for any link. Where the reader may
 * not see the view, it is a text.
 */
export function Link({ href, current, onApproach, children, ...attributes }: LinkProps) {
  const path = href.split('?', 1)[0] ?? href;
  const content = typeof children === 'string' ? visibleText(children) : children;
  if (!isShown(path)) return <span {...attributes}>{content}</span>;
  const onClick = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const url = new URL(href, location.href);
    navigate(url.pathname, url.searchParams);
  };
  return (
    <a
      href={toServerUrl(href)}
      aria-current={current ? 'page' : undefined}
      onClick={onClick}
      onPointerEnter={onApproach}
      onFocus={onApproach}
      {...attributes}
    >
      {content}
    </a>
  );
}
