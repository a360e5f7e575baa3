import { Hono } from 'hono';
import { DatasetEditor } from '../datasets/dataset-editor.js';
import { ingestionRoutes } from '../ingest/ingestion/ingestion-routes.js';
import { explainBuffered } from '../ingest/otlp/explain/explain-spans.js';
import { otlpRoutes } from '../ingest/otlp/otlp-routes.js';
import { ClearedRejections } from '../privacy/cleared-rejections.js';
import { numbersAccess } from './access/numbers-access.js';
import { answerError } from './api/answer-error.js';
import { apiRoutes } from './api/api-routes.js';
import { datasetRoutes } from './documents/dataset-routes.js';
import { documentRoutes } from './documents/document-routes.js';
import { erasureRoutes } from './api/erasure-routes.js';
import { labelRoutes } from './outgoing/label-routes.js';
import { mcpRoutes } from './mcp/mcp-routes.js';
import { INGESTION_PATH, OTLP_PATH } from './paths.js';
import { peopleRoutes } from './api/people-routes.js';
import { personRoute } from './person/person-route.js';
import { recomputeRoute } from './api/recompute-route.js';
import type { ProjectOptions } from './project-options.js';
import type { ProjectParts } from './project-parts.js';

/** Returns the routes of ingestion, of the JSON API and for assistants, without any guard. */
export function projectRoutes(parts: ProjectParts, options: ProjectOptions): Hono {
  const routes = new Hono();
  addIngestion(routes, parts, options);
  addReading(routes, parts, options);
  // Errors of the middleware: it reads documents before a route is asked.
  routes.onError(answerError);
  return routes;
}

function addIngestion(routes: Hono, parts: ProjectParts, { apiKey, budget }: ProjectOptions): void {
  const { intake, traces, recorder, content, reject } = parts;
  const ingest = { apiKey, budget, onRejection: reject };
  routes.route(INGESTION_PATH, ingestionRoutes({ ...ingest, onRecords: (records) => intake.take(records) }));
  routes.route(OTLP_PATH, otlpRoutes({ ...ingest, traces, recorder, content }));
}

function addReading(routes: Hono, parts: ProjectParts, options: ProjectOptions): void {
  const { store, intake, traces, rejections, live, audit, editor, eraser } = parts;
  const { budget, requesterOf, organizationProperty, mayReadTexts = () => true } = options;
  const cleared = new ClearedRejections(store.documents, rejections);
  const datasets = new DatasetEditor(store, editor);
  routes.use('/api/*', numbersAccess(mayReadTexts, store.documents, organizationProperty));
  routes.route('/api', recomputeRoute(store, intake));
  routes.route('/api', peopleRoutes(store));
  routes.route('/api', personRoute(store));
  routes.route(
    '/api',
    labelRoutes({
      store,
      editor,
      save: (labels) => intake.label(labels),
      labelling: parts.labelling,
      requesterOf,
    }),
  );
  routes.route('/api/documents', documentRoutes({ editor, budget, requesterOf }));
  routes.route('/api/datasets', datasetRoutes({ store, editor: datasets, audit, budget, requesterOf }));
  routes.route(
    '/api',
    erasureRoutes({ live, rejections: cleared, eraser, audit, requesterOf, mayReadTexts }),
  );
  routes.route(
    '/api',
    apiRoutes({
      store,
      live,
      rejections: { list: () => cleared.list(), total: () => rejections.total },
      forwarding: parts.forwarding,
      audit,
      requesterOf,
      intakeStatus: parts.status,
      explain: () => traces.inspect(explainBuffered),
      pricing: parts.pricing,
      alerts: parts.alerts,
      answers: parts.answers,
    }),
  );
  routes.route(
    '/',
    mcpRoutes({
      budget,
      mayReadTexts,
      fetchApi: (request, environment) => routes.fetch(request, environment as object),
    }),
  );
}
