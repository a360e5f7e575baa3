import { Hono } from 'hono';
import type { ServerMetrics } from '../metrics/server-metrics.js';
import { bearerOf } from '../security/reader-guard.js';
import { sameSecret } from '../security/same-secret.js';
import type { ReadinessProbe } from './readiness.js';

export interface OperationParts {
  readonly readiness: ReadinessProbe;
  readonly metrics: ServerMetrics;
  /** Required for the metrics as `Authorization: Bearer …`. Default: none, because probes of a platform have none. */
  readonly metricsToken?: string | undefined;
}

/**
 * Routes for the platform that runs the server.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /healthz` | 200 while the process works: restart it if not |
 * | `GET /readyz` | 200 if the engine answers, else 503 with `status` and `reason`: send requests elsewhere |
 * | `GET /metrics` | the text format of Prometheus |
 */
export function operationRoutes({ readiness, metrics, metricsToken }: OperationParts): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const ready = await readiness.check();
    if (ready.isReady) return c.json({ status: 'ready' });
    return c.json({ status: ready.status, reason: ready.reason }, 503);
  });
  app.get('/metrics', (c) => {
    if (metricsToken !== undefined && !sameSecret(bearerOf(c) ?? '', metricsToken))
      return c.json({ detail: 'Token required for the metrics' }, 401);
    return c.body(metrics.render(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  return app;
}
