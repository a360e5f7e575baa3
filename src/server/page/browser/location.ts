import { useEffect, useState } from 'preact/hooks';

/** The address is the state: what is shown can be bookmarked, shared and gone back to. */
export interface Location {
  readonly path: string;
  readonly params: URLSearchParams;
}

/** Parameters that narrow what is shown, in all views. */
const FILTERS = [
  'q',
  'user',
  'thread',
  'model',
  'tag',
  'event',
  'about',
  'kind',
  'error',
  'since',
  'until',
] as const;

export interface Filter {
  readonly name: string;
  readonly value: string;
}

export function useLocation(): Location {
  const [location, setLocation] = useState(read);
  useEffect(() => {
    const update = (): void => setLocation(read());
    globalThis.addEventListener('popstate', update);
    globalThis.addEventListener('navigated', update);
    return () => {
      globalThis.removeEventListener('popstate', update);
      globalThis.removeEventListener('navigated', update);
    };
  }, []);
  return location;
}

/** Goes to another state; with `replace`, without a step in the history (typing, walking through a list). */
export function navigate(path: string, params: URLSearchParams, replace = false): void {
  const query = params.toString();
  const address = query ? `${path}?${query}` : path;
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  globalThis.dispatchEvent(new Event('navigated'));
}

/** The same state with other values of some parameters; `null` removes one. */
export function withParams(
  params: URLSearchParams,
  changes: Readonly<Record<string, string | null>>,
): URLSearchParams {
  const changed = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes))
    if (value === null || value === '') changed.delete(name);
    else changed.set(name, value);
  return changed;
}

export function withFilter(params: URLSearchParams, { name, value }: Filter): URLSearchParams {
  const changed = new URLSearchParams(params);
  if (!changed.getAll(name).includes(value)) changed.append(name, value);
  return changed;
}

export function withoutFilter(params: URLSearchParams, { name, value }: Filter): URLSearchParams {
  const changed = new URLSearchParams(params);
  changed.delete(name, value);
  return changed;
}

/** All filters that are set, in the order of the address. */
export function filtersOf(params: URLSearchParams): Filter[] {
  return [...params].filter(([name]) => isFilter(name)).map(([name, value]) => ({ name, value }));
}

/** The filters alone, as a query for the API: the same for the same filters. */
export function filterQuery(params: URLSearchParams): string {
  return new URLSearchParams(filtersOf(params).map(({ name, value }) => [name, value])).toString();
}

function isFilter(name: string): boolean {
  return (FILTERS as readonly string[]).includes(name) || name.startsWith('prop.');
}

function read(): Location {
  return {
    path: globalThis.location.pathname,
    params: new URLSearchParams(globalThis.location.search),
  };
}
