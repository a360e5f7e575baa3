import { Hono, type Context } from 'hono';
import { withoutBasePath } from '../http/base-path.js';
import { MCP_PATH } from '../http/mcp/mcp-routes.js';
import { pageRoutes } from '../http/page-routes.js';
import { VIEW_PATHS } from '../http/view-paths.js';
import type { PageSettings } from '../http/page-settings.js';
import { INGEST_PATHS } from '../http/paths.js';
import { allowLocalOrigins, INGEST_HEADERS } from '../ingest/ingest-request.js';
import { suggestPath } from '../ingest/unknown-path.js';
import { methodOf, routeOf } from '../metrics/route-of.js';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import { readerGuard } from '../security/reader-guard.js';
import { allowedHostNames, requestGuard } from '../security/request-guard.js';
import { securityHeaders } from '../security/security-headers.js';
import type { Quotas } from '../security/quotas.js';
import { operationRoutes } from './operation-routes.js';
import type { Projects } from './projects.js';
import { findByProxy, readableProjects, readingAccess } from './reading-access.js';
import type { ReadinessProbe } from './readiness.js';
import { projectPath, splitProject, type TeamContext, type TeamEnvironment } from './team-environment.js';
import { OPEN_PROJECT, type TeamServerOptions } from './team-server-options.js';
import { writingAccess, type Refused } from './writing-access.js';

export interface TeamParts {
  readonly options: TeamServerOptions;
  readonly projects: Projects;
  readonly readiness: ReadinessProbe;
  readonly metrics: ServerMetrics;
  readonly quotas: Quotas;
  readonly onRefused: (refused: Refused) => void;
}

const ADVICE = 'Whoever runs this server gives you one.';
const DETAIL = 'Token required: send it as Authorization: Bearer …';

/** Builds the request handler of a server for teams: guards, then the routes of the project that a key or a path names. */
export function composeTeam(
  parts: TeamParts,
): (request: Request, environment: TeamEnvironment) => Promise<Response> {
  const { options, projects, metrics } = parts;
  const { basePath, register } = options;
  const app = new Hono<TeamContext>();
  app.use(securityHeaders);
  app.use(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const route = routeOf(c.req.path, VIEW_PATHS);
    metrics.requests.add({ method: methodOf(c.req.method), route, status: String(c.res.status) });
    if (route !== '/api/live') metrics.requestSeconds.observe((performance.now() - startedAt) / 1000);
  });
  app.route('/', operationRoutes({ ...parts, metricsToken: options.metricsToken }));
  app.use(
    requestGuard({
      allowedHosts: allowedHostNames(options.allowedHosts),
      anyAddress: true,
      anyHost: options.needsReader,
      ingestPaths: INGEST_PATHS,
    }),
  );
  app.use(suggestPath(() => parts.onRefused({ reason: 'unknown_path', status: 404 }), basePath));
  const writing = writingAccess({
    register,
    quotas: parts.quotas,
    quota: options.quota,
    projects,
    openProject: options.needsKey ? undefined : OPEN_PROJECT,
    onRefused: parts.onRefused,
  });
  for (const path of INGEST_PATHS) {
    app.use(`${path}*`, allowLocalOrigins(INGEST_HEADERS));
    app.post(`${path}*`, writing);
    app.all(`${path}*`, (c) => c.json({ detail: 'Only POST is answered here' }, 405, { allow: 'POST' }));
  }
  if (options.openStore !== 'gateway') addReading(app, parts);
  app.notFound((c) => c.json({ detail: 'Not Found' }, 404));
  app.onError((_error, c) => c.json({ detail: 'Internal Server Error' }, 500));
  return async (request, environment) => {
    const split = splitProject(withoutBasePath(request.url, basePath));
    return app.fetch(split.url === request.url ? request : new Request(split.url, request), {
      ...environment,
      ...(split.project !== undefined && { project: split.project }),
    });
  };
}

function addReading(app: Hono<TeamContext>, { options, projects }: TeamParts): void {
  const { basePath, register, userHeader } = options;
  if (options.needsReader)
    app.use(
      readerGuard({
        findByDigest: (digest) => register.findReader(digest),
        ...(userHeader && { findByProxy: (c: Context) => findByProxy(c, userHeader, register) }),
        exemptPaths: INGEST_PATHS,
        basePathOf: (c) => shownAt(c, basePath),
        // One name for all ports: servers behind a load balancer share the sessions.
        cookieName: () => 'trubrics_session',
        advice: ADVICE,
        detail: DETAIL,
      }),
    );
  else
    app.use(async (c, next) => {
      c.set('reader', {
        access: 'open',
        projects: 'all',
        mayReadTexts: true,
        mayDelete: true,
        mayEdit: true,
      });
      return next();
    });
  app.use(readingAccess({ register, projects, basePath }));
  app.get('/api/projects', (c) => {
    const { name, mayReadTexts, mayDelete, mayEdit, access } = c.get('reader');
    return c.json({
      reader: { name: name ?? null, access, mayReadTexts, mayDelete, mayEdit },
      projects: readableProjects(c.get('reader'), register, projects),
    });
  });
  const answerFromProject = async (c: Context<TeamContext>): Promise<Response> => {
    const reader = c.get('reader');
    const choice = readableProjects(reader, register, projects);
    const name = c.env.project ?? (choice.length === 1 ? choice[0] : undefined);
    if (name === undefined)
      return c.json(
        {
          detail: `Name the project in the path, as in ${basePath}${projectPath('<project>')}${c.req.path}. GET /api/projects lists them`,
        },
        400,
      );
    const project = await projects.get(name);
    if (!project)
      return c.json({ detail: 'The store of this project is not available: try again later' }, 503);
    return project.routes.fetch(c.req.raw, { ...c.env, reader } satisfies TeamEnvironment);
  };
  app.all('/api/*', answerFromProject);
  app.all(MCP_PATH, answerFromProject);
  app.route(
    '/',
    pageRoutes(async (c: Context<TeamContext>) => ({
      basePath: shownAt(c, basePath),
      ...(c.env.project !== undefined && { project: c.env.project }),
      projects: Object.fromEntries(
        readableProjects(c.get('reader'), register, projects).map((name) => [
          name,
          basePath + projectPath(name),
        ]),
      ),
      traceUrl: options.traceUrl,
      ...(await settingsAt(c, { options, projects })),
      mayReadTexts: c.get('reader').mayReadTexts,
      mayDelete: c.get('reader').mayDelete,
      mayEdit: c.get('reader').mayEdit,
    })),
  );
}

/** Returns what the store of the project whose page is shown has set: the property that names organizations, and the time zone. */
async function settingsAt(
  c: Context<TeamContext>,
  { options, projects }: Pick<TeamParts, 'options' | 'projects'>,
): Promise<Pick<PageSettings, 'organizationProperty' | 'timeZone' | 'isTimeZoneUnread'>> {
  const choice = readableProjects(c.get('reader'), options.register, projects);
  const project = projects.open.get(c.env.project ?? choice[0] ?? '');
  if (!project) return { organizationProperty: options.organizationProperty };
  const [organizationProperty, { timeZone, isUnread }] = await Promise.all([
    project.organizationProperty(),
    project.timeZone(),
  ]);
  return { organizationProperty, timeZone, isTimeZoneUnread: isUnread };
}

/** Returns the path below which the page of this request is shown. */
function shownAt(c: Context<TeamContext>, basePath: string): string {
  const { project } = c.env;
  return project === undefined ? basePath : basePath + projectPath(project);
}
