import type { RunningServer } from '../server/index.js';

const LOOK_EVERY_MS = 1000;

type Stats = NonNullable<ReturnType<RunningServer['forwarding']>>;

/** Says in one line when forwarding begins to fail, loses records, or works again. */
export function tellForwarding(
  server: Pick<RunningServer, 'forwarding'>,
  host: string,
  write: (line: string) => void,
): void {
  let told = '';
  setInterval(() => {
    const stats = server.forwarding();
    const line = stats ? forwardingLine(stats, host) : '';
    if (line === told) return;
    if (line !== '') write(line);
    else write(`forwarding to ${host} works again`);
    told = line;
  }, LOOK_EVERY_MS).unref();
}

/** Empty as long as all is well. */
function forwardingLine(stats: Stats, host: string): string {
  const lost = Object.entries(stats.dropped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} lost (${reason.replaceAll('_', ' ')})`);
  const trouble =
    stats.state === 'backing-off' || stats.state === 'unauthorized' || stats.state === 'probing';
  if (!trouble && lost.length === 0) return '';
  const reason = trouble ? [stats.lastError ?? stats.state] : [];
  return `forwarding to ${host}: ${[...reason, ...lost].join(', ')}`;
}
