import { Hono, type Context } from 'hono';
import type { DocumentEditor } from '../../documents/document-editor.js';
import type { Labelling } from '../../insights/labels/labelling.js';
import { CategoryConflictError, CATEGORIES_SETTING } from '../../insights/labels/categories.js';
import { renameCategory, type RenameParts } from '../../insights/labels/rename-category.js';
import type { Requester } from '../../model/privacy/audit.js';
import { answerWith } from '../answers/api-responses.js';
import { answerDocumentError } from '../documents/answer-document-error.js';
import { expectedVersion } from '../documents/expected-version.js';

export interface LabelRouteParts extends Omit<RenameParts, 'put'> {
  readonly editor: Pick<DocumentEditor, 'get' | 'put'>;
  /** Undefined if nothing is labelled. */
  readonly labelling: Pick<Labelling, 'status'> | undefined;
  /** Returns what is known of the sender of a request. */
  readonly requesterOf: (c: Context) => Requester;
}

/**
 * The routes of labels, below `/api`.
 *
 * | route | answer |
 * | --- | --- |
 * | `POST /labels/rename?from=&to=` | `RenameAnswer`: a category of intents gets another name, or is merged with that one. `If-Match` is the version of the setting `label-categories` that was seen: 412 only if one of both was renamed since. Needs the right to edit |
 * | `GET /labels` | `LabelStatus`: where texts are sent to be labelled, and how many are labelled, wait or have failed |
 */
export function labelRoutes({ labelling, editor, requesterOf, store, save }: LabelRouteParts): Hono {
  const app = new Hono();
  app.onError((error, c) =>
    error instanceof CategoryConflictError
      ? c.json({ detail: error.message, version: error.version }, 412)
      : answerDocumentError(error, c),
  );
  app.post('/labels/rename', async (c) => {
    const params = new URL(c.req.url).searchParams;
    const names = { from: params.get('from'), to: params.get('to') };
    const by = requesterOf(c);
    const put: RenameParts['put'] = (document, expected) => editor.put(document, by, expected);
    const { kind, name } = CATEGORIES_SETTING;
    const seen = await expectedVersion(c, editor, [kind, name]);
    return c.json(await renameCategory({ store, put, save }, names, seen));
  });
  answerWith(app, 'labels', () => labelling?.status() ?? { isOn: false });
  return app;
}
