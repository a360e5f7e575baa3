const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

/** Returns the parameters of a request about people: the filters, and those that are not empty. Days are those of the reader. */
export function apiQuery(query: string, parameters: Readonly<Record<string, string>>): string {
  const all = new URLSearchParams(query);
  for (const [name, value] of Object.entries({ ...parameters, timezone: timeZone }))
    if (value !== '') all.set(name, value);
  return all.toString();
}

/** Says why somebody who is new may not be. */
export function CutNote({ isUncertain }: { readonly isUncertain: boolean }) {
  if (!isUncertain) return null;
  return <span class="muted">Older records are gone: who counts as new may have been here before.</span>;
}
