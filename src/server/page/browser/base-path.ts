/** Path below which a proxy shows the server; empty without a proxy. Addresses within the page do not have it. */
export function basePath(): string {
  return document.documentElement.dataset['base'] ?? '';
}

/** Returns an address of the server as the browser has to request it. */
export function toServerUrl(url: string): string {
  return basePath() + url;
}
