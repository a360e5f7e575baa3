import { Hono } from 'hono';
import type { LabelStatus } from '../../insights/labels/label-status.js';
import type { Labelling } from '../../insights/labels/labelling.js';

/**
 * The route of labels, below `/api`.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /labels` | `LabelStatus`: where texts are sent to be labelled, and how many are labelled, wait or have failed |
 */
export function labelRoutes(labelling: Pick<Labelling, 'status'> | undefined): Hono {
  const app = new Hono();
  app.get('/labels', async (c) =>
    c.json(labelling ? await labelling.status() : ({ isOn: false } satisfies LabelStatus)),
  );
  return app;
}
