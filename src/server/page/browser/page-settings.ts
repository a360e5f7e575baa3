/** Settings that the server writes into the page's document, see `server/http/page-settings.ts`. */
export interface PageSettings {
  /** The project that is shown. Undefined on a server without projects. */
  readonly project: string | undefined;
  /** Addresses of the projects that the reader may see, by name. */
  readonly projects: Readonly<Record<string, string>>;
  /** Address of a trace in another tool, see `server/model/trace-url.ts`. */
  readonly traceUrl: string | undefined;
  /** True if the reader may not see texts of people: prompts, answers, comments. */
  readonly numbersOnly: boolean;
  /** True if the reader may not delete. */
  readonly isReadOnly: boolean;
  /** True if the reader may not change documents: segments, rules. */
  readonly mayNotEdit: boolean;
}

export function pageSettings(): PageSettings {
  const { project, projects, traceUrl, numbersOnly, readOnly, noEdit } = document.documentElement.dataset;
  return {
    project,
    projects: JSON.parse(projects ?? '{}') as Record<string, string>,
    traceUrl,
    numbersOnly: numbersOnly !== undefined,
    isReadOnly: readOnly !== undefined,
    mayNotEdit: noEdit !== undefined,
  };
}
