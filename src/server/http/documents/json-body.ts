import type { Context } from 'hono';
import type { PropertyValue } from '../../../records/model/prompt-record.js';
import type { ByteBudget } from '../../ingest/body/byte-budget.js';
import { readBody } from '../../ingest/body/read-body.js';
import { RETRY_BUSY_AFTER } from '../../ingest/ingest-request.js';

/** A header or body of a request that has no meaning here. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError';
}

/** Returns the JSON of the body, or the response of a refusal. @throws BadRequestError */
export async function readJsonBody(
  c: Context,
  budget: ByteBudget,
  maxBytes: number,
): Promise<{ readonly json: PropertyValue } | Response> {
  const body = await readBody(c.req.raw, { maxBytes, budget });
  if ('problem' in body) {
    if (body.isCut) c.header('connection', 'close');
    if (body.status === 429) c.header('retry-after', RETRY_BUSY_AFTER);
    return c.json({ detail: body.problem }, body.status);
  }
  try {
    return {
      json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body.bytes)) as PropertyValue,
    };
  } catch {
    throw new BadRequestError('The body must be JSON in UTF-8');
  } finally {
    body.release();
  }
}
