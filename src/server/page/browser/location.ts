import { useEffect, useState } from 'preact/hooks';
import { isQueryParameter } from '../../query/parse-query.js';
import { basePath, toServerUrl } from './base-path.js';

/** State of the page, kept in its URL alone: it can be bookmarked, shared and reached with the back button. */
export interface Location {
  readonly path: string;
  readonly params: URLSearchParams;
}

/** A parameter of the URL that filters records, in all views. Its name and value are those of the API. */
export interface Filter {
  readonly name: string;
  readonly value: string;
}

/** Returns the current state; the component is rendered again when it changes. */
export function useLocation(): Location {
  const [location, setLocation] = useState(readLocation);
  useEffect(() => {
    const update = (): void => setLocation(readLocation());
    globalThis.addEventListener('popstate', update);
    globalThis.addEventListener('navigated', update);
    return () => {
      globalThis.removeEventListener('popstate', update);
      globalThis.removeEventListener('navigated', update);
    };
  }, []);
  return location;
}

/** Shows another state. With `replace` it adds no history entry, as for typing and stepping through a list. */
export function navigate(path: string, params: URLSearchParams, replace = false): void {
  const query = params.toString();
  const url = toServerUrl(query ? `${path}?${query}` : path);
  if (replace) history.replaceState(null, '', url);
  else history.pushState(null, '', url);
  globalThis.dispatchEvent(new Event('navigated'));
}

/** Returns a copy with other values of some parameters. `null` and the empty string remove a parameter. */
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

/** Returns all filters that are set, in the order of the URL. */
export function filtersOf(params: URLSearchParams): Filter[] {
  return [...params]
    .filter(([name, value]) => value !== '' && isQueryParameter(name))
    .map(([name, value]) => ({ name, value }));
}

/** Returns the id in a parameter that names what is open; null if nothing is. */
export function openId(params: URLSearchParams, name: 'record' | 'open'): string | null {
  const id = params.get(name);
  return id === '' ? null : id;
}

/** Returns the filters alone, as a query string for the API. */
export function filterQuery(params: URLSearchParams): string {
  return new URLSearchParams(filtersOf(params).map(({ name, value }) => [name, value])).toString();
}

/**
 * Returns the address of a view with the filters that are set and further ones: what a number stands for that was counted under those
 * filters. A further filter replaces those of its name, because several values of one name are alternatives.
 */
export function drillDown(
  path: string,
  params: URLSearchParams,
  filters: Readonly<Record<string, string>>,
): string {
  const all = new URLSearchParams(filterQuery(params));
  for (const [name, value] of Object.entries(filters)) all.set(name, value);
  return `${path}?${all.toString()}`;
}

/** Like {@link drillDown}, from the filters of the current URL. For links deep inside of a view, which is rendered again when it changes. */
export function drillDownFromHere(path: string, filters: Readonly<Record<string, string>>): string {
  return drillDown(path, readLocation().params, filters);
}

function readLocation(): Location {
  return {
    path: globalThis.location.pathname.slice(basePath().length) || '/',
    params: new URLSearchParams(globalThis.location.search),
  };
}
