/** Returns the address of a request without the path below which a proxy shows the server. Other addresses are returned as they are. */
export function withoutBasePath(url: string, basePath: string): string {
  const parsed = new URL(url);
  const { pathname } = parsed;
  if (pathname !== basePath && !pathname.startsWith(`${basePath}/`)) return url;
  parsed.pathname = pathname.slice(basePath.length) || '/';
  return parsed.href;
}
