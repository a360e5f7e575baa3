import { filterOf, ORGANIZATION_PROPERTY, type Dimension } from '../../model/measure/dimensions.js';

/** Settings that the server writes into the page's document, see `server/http/page-settings.ts`. */
export interface PageSettings {
  /** The project that is shown. Undefined on a server without projects. */
  readonly project: string | undefined;
  /** Addresses of the projects that the reader may see, by name. */
  readonly projects: Readonly<Record<string, string>>;
  /** Address of a trace in another tool, see `server/model/trace-url.ts`. */
  readonly traceUrl: string | undefined;
  /** Property that names organizations. */
  readonly organizationProperty: string;
  /** IANA name of the project's time zone; undefined if it has none. */
  readonly timeZone: string | undefined;
  /** True if the server could not read it. */
  readonly isTimeZoneUnread: boolean;
  /** True if the reader may not see texts of people: prompts, answers, comments. */
  readonly numbersOnly: boolean;
  /** True if the reader may not delete. */
  readonly isReadOnly: boolean;
  /** True if the reader may not change documents: segments, rules. */
  readonly mayNotEdit: boolean;
}

export function pageSettings(): PageSettings {
  const {
    project,
    projects,
    traceUrl,
    organization,
    timeZone,
    timeZoneUnread,
    numbersOnly,
    readOnly,
    noEdit,
  } = document.documentElement.dataset;
  return {
    project,
    projects: JSON.parse(projects ?? '{}') as Record<string, string>,
    traceUrl,
    organizationProperty: organization ?? ORGANIZATION_PROPERTY,
    timeZone,
    isTimeZoneUnread: timeZoneUnread !== undefined,
    numbersOnly: numbersOnly !== undefined,
    isReadOnly: readOnly !== undefined,
    mayNotEdit: noEdit !== undefined,
  };
}

/** Returns the name of the filter for one value of a dimension; of organizations, for the property that names them. */
export function dimensionFilter(dimension: Dimension): string {
  return filterOf(
    dimension === 'organization' ? { property: pageSettings().organizationProperty } : dimension,
  );
}

/** Returns the view that shows one value of a dimension: a person has a page, of others the records are listed. */
export function groupPath(dimension: Dimension): string {
  return dimension === 'user' ? '/people' : '/';
}

/** Notes another property that names organizations: the server says it when the page is loaded again. */
export function setOrganizationProperty(property: string): void {
  document.documentElement.dataset['organization'] = property;
}
