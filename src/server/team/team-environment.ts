import type { Reader } from '../security/reader.js';
import type { RequestEnvironment } from '../http/request-environment.js';

/** Prefix of the paths that name a project: `/p/<project>/api/records`. */
const PROJECT_PATH = /^\/p\/([^/]+)(\/.*)?$/;

/** Facts that are known of a request besides the request itself. */
export interface TeamEnvironment extends RequestEnvironment {
  /** The project that the path names. */
  readonly project?: string;
  /** Reader who sent the request. Known to the routes of a project. */
  readonly reader?: Reader;
}

/** Types of the contexts of a request. */
export interface TeamContext {
  Bindings: TeamEnvironment;
  Variables: { reader: Reader };
}

/** Returns the path below which a project is shown. */
export function projectPath(project: string): string {
  return `/p/${project}`;
}

/** Takes the project out of the address of a request. Without one, the address is returned as it is. */
export function splitProject(url: string): { readonly url: string; readonly project?: string } {
  const parsed = new URL(url);
  const [, name, path = '/'] = PROJECT_PATH.exec(parsed.pathname) ?? [];
  if (name === undefined) return { url };
  parsed.pathname = path;
  return { url: parsed.href, project: name };
}
