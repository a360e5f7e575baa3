import { Hono } from 'hono';
import { thresholdText } from '../../insights/alerts/alert-texts.js';
import { parseRule } from '../../insights/alerts/alert-rule.js';
import type { AlertPreview } from '../../insights/alerts/alert-list.js';
import type { AlertWatch } from '../../insights/alerts/alert-watch.js';
import { BadQueryError } from '../../query/parse-query.js';

/** Longest rule in a URL. */
const MAX_RULE = 8000;

/**
 * Routes of alerts, below `/api`. Rules are documents of the kind `rule`.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /alerts` | `AlertList`: rules with states, history, and what they measure |
 * | `GET /alerts/preview` | `AlertPreview` of `rule`, the value of a rule as JSON: what it would measure now |
 */
export function alertRoutes(watch: AlertWatch): Hono {
  const app = new Hono();
  app.get('/alerts', async (c) => c.json(await watch.list()));
  app.get('/alerts/preview', async (c) => {
    const rule = parseRule('preview', parseJson(c.req.query('rule') ?? ''));
    return c.json({
      text: thresholdText(rule),
      reading: await watch.preview(rule),
    } satisfies AlertPreview);
  });
  return app;
}

/** @throws BadQueryError */
function parseJson(text: string): unknown {
  if (text.length > MAX_RULE) throw new BadQueryError(`rule has at most ${MAX_RULE} characters`);
  try {
    return JSON.parse(text);
  } catch {
    throw new BadQueryError('rule must be the value of a rule as JSON');
  }
}
