/** Returns the URL that a text is; `undefined` if it is none. `URL.canParse` is missing in browsers of before 2024. */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
