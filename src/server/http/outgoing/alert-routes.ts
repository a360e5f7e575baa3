import { Hono } from 'hono';
import { thresholdText } from '../../insights/alerts/alert-texts.js';
import { parseRule } from '../../insights/alerts/alert-rule.js';
import type { AlertWatch } from '../../insights/alerts/alert-watch.js';
import { answerWith } from '../answers/api-responses.js';
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
  answerWith(app, 'alerts', () => watch.list());
  answerWith(app, 'alerts/preview', async (params) => {
    const rule = parseRule('preview', parseJson(params.get('rule') ?? ''));
    return { text: thresholdText(rule), reading: await watch.preview(rule) };
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
