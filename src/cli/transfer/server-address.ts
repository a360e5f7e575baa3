import { VIEW_PATHS } from '../../server/http/view-paths.js';

/** An address that somebody copied from a browser or from a setting. */
export interface ServerAddress {
  /** Address of the server, without a slash at its end. */
  readonly server: string;
  /** The project in the path of the page, or in that of the API. */
  readonly project?: string;
  readonly params: URLSearchParams;
}

/** Reads the address of a page, with its project, view and filters, or that of an API. Undefined: it is no address. */
export function readServerAddress(text: string): ServerAddress | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') return undefined;
  const path = withoutView(url.pathname.replace(/\/api(?:\/.*)?$/, '').replace(/\/+$/, ''));
  const [, base = path, project] = /^(.*)\/p\/([^/]+)$/.exec(path) ?? [];
  return {
    server: url.origin + base,
    ...(project !== undefined && { project: decodeURIComponent(project) }),
    params: url.searchParams,
  };
}

function withoutView(path: string): string {
  const view = VIEW_PATHS.find((name) => name !== '/' && path.endsWith(name));
  return view === undefined ? path : path.slice(0, -view.length);
}
