import type { DocumentStore } from '../engines/document-store.js';
import { measureEach } from '../engines/measure-each.js';
import type { RecordStore } from '../engines/record-store.js';
import { ORGANIZATION_PROPERTY, ORGANIZATION_SETTING, type Grouping } from '../model/measure/dimensions.js';
import { BadQueryError } from '../query/parse-query.js';

const MAX_LENGTH = 256;

/**
 * Returns the property that names organizations: that of the document, else the one that the server was started with, else `organization_id`. A
 * document that cannot be read counts as none.
 */
export async function readOrganizationProperty(
  documents: DocumentStore,
  startedWith: string | undefined,
): Promise<string> {
  const document = await documents.get(ORGANIZATION_SETTING.kind, ORGANIZATION_SETTING.name);
  return propertyIn(document?.value) ?? startedWith ?? ORGANIZATION_PROPERTY;
}

/** Refuses a value that cannot be the document. Other settings are ignored. @throws BadQueryError */
export function checkOrganizationSetting(name: string, value: unknown): void {
  if (name === ORGANIZATION_SETTING.name && propertyIn(value) === undefined)
    throw new BadQueryError(
      `This setting has the form { "property": "customer" }, with a name of at most ${MAX_LENGTH} characters`,
    );
}

function propertyIn(value: unknown): string | undefined {
  const { property } = Object(value) as { readonly property?: unknown };
  if (typeof property !== 'string' || property === '' || property.length > MAX_LENGTH) return undefined;
  return property;
}

/**
 * Returns a store that does the same, and in which the dimension `organization` reads the chosen property. It is read for each answer, so a change
 * holds at once, and for all records that there are: nothing of it is kept with them.
 */
export function withOrganizationProperty(store: RecordStore, startedWith: string | undefined): RecordStore {
  const grouped = async <T extends { readonly by?: Grouping }>(request: T): Promise<T> => {
    if (request.by !== 'organization') return request;
    return { ...request, by: { property: await readOrganizationProperty(store.documents, startedWith) } };
  };
  const overrides: Pick<RecordStore, 'measure' | 'measureEach' | 'activity' | 'retention'> = {
    measure: async (query, request) => store.measure(query, await grouped(request)),
    measureEach: async (query, requests) =>
      measureEach(store, query, await Promise.all(requests.map(grouped))),
    activity: async (query, request) => store.activity(query, await grouped(request)),
    retention: async (query, request) => store.retention(query, await grouped(request)),
  };
  // Bound once each: a method is read for every record of an import.
  const bound = new Map<unknown, unknown>();
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(overrides, name)) return overrides[name as keyof typeof overrides];
      // Methods of a class with private fields need the object itself.
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (!bound.has(value)) bound.set(value, value.bind(target));
      return bound.get(value);
    },
  });
}
