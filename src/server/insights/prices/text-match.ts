/** Condition on a name, in the form of `@pydantic/genai-prices`. Letters of either case are the same, except in `regex`. */
export type TextMatch =
  | { readonly or: readonly TextMatch[] }
  | { readonly and: readonly TextMatch[] }
  | { readonly equals: string }
  | { readonly starts_with: string }
  | { readonly ends_with: string }
  | { readonly contains: string }
  | { readonly regex: string };

/** Returns whether a name in lower case meets a condition. */
export function matchesText(match: TextMatch, name: string): boolean {
  if ('or' in match) return match.or.some((part) => matchesText(part, name));
  if ('and' in match) return match.and.every((part) => matchesText(part, name));
  if ('equals' in match) return name === match.equals.toLowerCase();
  if ('starts_with' in match) return name.startsWith(match.starts_with.toLowerCase());
  if ('ends_with' in match) return name.endsWith(match.ends_with.toLowerCase());
  if ('contains' in match) return name.includes(match.contains.toLowerCase());
  return new RegExp(match.regex).test(name);
}
