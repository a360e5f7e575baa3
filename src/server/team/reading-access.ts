import type { Context, MiddlewareHandler } from 'hono';
import { isViewPath } from '../http/view-paths.js';
import type { CredentialRegister } from '../security/credentials/credential-register.js';
import { projectsOf } from '../security/credentials/credentials.js';
import type { Reader } from '../security/reader.js';
import { addressOf } from '../http/requester.js';
import type { TrustedProxies } from '../security/trusted-proxies.js';
import type { Projects } from './projects.js';
import { projectPath, type TeamContext } from './team-environment.js';

/** Proxies that say who sends a request. */
export interface UserHeader {
  /** Name of the header. */
  readonly name: string;
  readonly proxies: TrustedProxies;
  /** Rights of users where no users are configured. */
  readonly deleters: readonly string[];
  readonly editors: readonly string[];
  /** Users who read texts; all others read numbers alone. Undefined: everybody reads texts. */
  readonly textReaders?: readonly string[] | undefined;
}

/** Returns the reader that a trusted proxy names. From other addresses, the header means nothing. */
export function findByProxy(
  c: Context,
  { name, proxies, deleters, editors, textReaders }: UserHeader,
  register: CredentialRegister,
): Reader | undefined {
  const user = c.req.header(name)?.trim();
  if (!user || !proxies.includes(addressOf(c))) return undefined;
  const rights = {
    mayReadTexts: textReaders?.includes(user) ?? true,
    mayDelete: deleters.includes(user),
    mayEdit: editors.includes(user),
  };
  return register.findUser(user, { projects: 'all', ...rights });
}

/** Returns the names of the projects that a reader may choose from, sorted. */
export function readableProjects(reader: Reader, register: CredentialRegister, projects: Projects): string[] {
  if (reader.projects !== 'all') return [...new Set(reader.projects)].sort();
  return [...new Set([...projectsOf(register.credentials), ...projects.open.keys()])].sort();
}

/** Methods that change nothing. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
/** Beginnings of the routes on which other methods need the right to edit. On all others they need the right to delete. */
const EDITED_PATHS = ['/api/documents/', '/api/datasets/', '/api/recompute', '/api/labels/rename'] as const;

export interface ReadingAccessOptions {
  readonly register: CredentialRegister;
  readonly projects: Projects;
  /** Path below which a proxy shows the server. */
  readonly basePath: string;
}

/**
 * Checks that the reader may read the project of the path, and edit or delete if the request does. A view without a project leads to the first one
 * of the reader; the API without a project means the only one.
 */
export function readingAccess(options: ReadingAccessOptions): MiddlewareHandler<TeamContext> {
  return async (c, next) => {
    const reader = c.get('reader');
    const { project } = c.env;
    const isApi = c.req.path.startsWith('/api/');
    const missing = isApi && missingRight(c, reader);
    if (missing) return c.json({ detail: `You may read, and not ${missing}` }, 403);
    if (project === undefined) {
      const view = c.req.path.replace(/(?<=.)\/$/, '');
      if (isApi || !isViewPath(view)) return next();
      const [first] = readableProjects(reader, options.register, options.projects);
      if (first === undefined) return c.text('There is no project that you may read.', 403);
      const { search } = new URL(c.req.url);
      return c.redirect(`${options.basePath}${projectPath(first)}${view}${search}`, 302);
    }
    if (!isReadable(project, reader, options))
      return c.json({ detail: 'There is no such project, or you may not read it' }, 403);
    return next();
  };
}

function missingRight(c: Context, { mayEdit, mayDelete }: Reader): 'edit' | 'delete' | undefined {
  if (READS.has(c.req.method)) return undefined;
  if (EDITED_PATHS.some((path) => c.req.path.startsWith(path))) return mayEdit ? undefined : 'edit';
  return mayDelete ? undefined : 'delete';
}

/** Also of a reader of all projects: any name could make a new one. */
function isReadable(project: string, reader: Reader, { register, projects }: ReadingAccessOptions): boolean {
  return readableProjects(reader, register, projects).includes(project);
}
