/** Settings that the document of the page passes to its code. */
export interface PageSettings {
  /** Path below which the page and its API are, as the browser has to request them. */
  readonly basePath: string;
  /** The project that is shown, on a server with projects. */
  readonly project?: string;
  /** Addresses of the projects that the reader may switch to, by name. */
  readonly projects?: Readonly<Record<string, string>>;
  /** Address of a trace in another tool, see `model/trace-url.ts`. */
  readonly traceUrl?: string | undefined;
  /** Property that names organizations. Default `organization_id`. */
  readonly organizationProperty?: string | undefined;
  /** Time zone of the project. Default: that of the reader. */
  readonly timeZone?: string | undefined;
  /** True if it could not be read. Default false. */
  readonly isTimeZoneUnread?: boolean;
  /** False hides views and links with texts of people. Default true. */
  readonly mayReadTexts?: boolean;
  /** False hides what deletes. Default true. */
  readonly mayDelete?: boolean;
  /** False hides what changes documents: saved views, rules, notes and so on. Default true. */
  readonly mayEdit?: boolean;
}

/** Returns the document of the page with its addresses below the base path, and with the settings as data of its first element. */
export function withPageSettings(html: string, settings: PageSettings): string {
  const {
    basePath,
    project,
    projects,
    traceUrl,
    organizationProperty,
    timeZone,
    isTimeZoneUnread = false,
    mayReadTexts = true,
    mayDelete = true,
    mayEdit = true,
  } = settings;
  const data = [
    ['base', basePath],
    ...(project === undefined ? [] : [['project', project]]),
    ...(projects === undefined ? [] : [['projects', JSON.stringify(projects)]]),
    ...(traceUrl === undefined ? [] : [['trace-url', traceUrl]]),
    ...(organizationProperty === undefined ? [] : [['organization', organizationProperty]]),
    ...(timeZone === undefined ? [] : [['time-zone', timeZone]]),
    ...(isTimeZoneUnread ? [['time-zone-unread', 'true']] : []),
    ...(mayReadTexts ? [] : [['numbers-only', 'true']]),
    ...(mayDelete ? [] : [['read-only', 'true']]),
    ...(mayEdit ? [] : [['no-edit', 'true']]),
  ];
  const attributes = data.map(([name, value = '']) => `data-${name}="${escape(value)}"`).join(' ');
  return html
    .replaceAll(/\b(href|src)="\//g, (_, name: string) => `${name}="${basePath}/`)
    .replace('<html ', () => `<html ${attributes} `);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
