import type { RunningServer } from '../server/index.js';

const CHECK_INTERVAL_MS = 1000;

/** Exit code of `dev` when records were not forwarded by the end, and the application has not failed itself. */
export const NOT_FORWARDED = 3;

type Stats = NonNullable<ReturnType<RunningServer['forwarding']>>;

/** Prints a line when forwarding begins to fail, loses records, or works again. */
export function printForwardingProblems(
  server: Pick<RunningServer, 'forwarding'>,
  host: string,
  write: (line: string) => void,
): void {
  let lastLine = '';
  setInterval(() => {
    const stats = server.forwarding();
    const line = stats ? forwardingLine(stats, host) : '';
    if (line === lastLine) return;
    if (line !== '') write(line);
    else write(`forwarding to ${host} works again`);
    lastLine = line;
  }, CHECK_INTERVAL_MS).unref();
}

/** Returns the line to print once forwarding has ended; undefined if everything was delivered. */
export function undeliveredLine(stats: Stats, host: string): string | undefined {
  const missing = stats.accepted - stats.delivered;
  if (missing <= 0) return undefined;
  const reasons = [
    ...lossesOf(stats),
    ...(stats.lastError === undefined ? [] : [`last error: ${stats.lastError}`]),
  ];
  return `${missing} of ${stats.accepted} records were not forwarded to ${host}: ${reasons.join(', ')}`;
}

/** Returns the line to print; empty if forwarding works. */
function forwardingLine(stats: Stats, host: string): string {
  const lost = lossesOf(stats);
  const trouble =
    stats.state === 'backing-off' || stats.state === 'unauthorized' || stats.state === 'probing';
  if (!trouble && lost.length === 0) return '';
  const reason = trouble ? [stats.lastError ?? stats.state] : [];
  return `forwarding to ${host}: ${[...reason, ...lost].join(', ')}`;
}

function lossesOf(stats: Stats): string[] {
  return Object.entries(stats.dropped)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} lost (${reason.replaceAll('_', ' ')})`);
}
