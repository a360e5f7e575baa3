import { spawn } from 'node:child_process';

/** Opens a URL in the user's browser. Errors are ignored, because the URL is printed anyway. */
export function openBrowser(url: string): void {
  const [command, ...args] = openCommand(url);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.once('error', () => undefined);
  child.unref();
}

function openCommand(url: string): [command: string, ...args: string[]] {
  if (process.platform === 'darwin') return ['open', url];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  return ['xdg-open', url];
}
