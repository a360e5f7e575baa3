import type { TeamLog } from '../../server/team/team-server-options.js';

/** Returns a log that writes each event as one line of JSON, with its time in UTC first. */
export function jsonLog(write: (line: string) => void, now: () => Date = () => new Date()): TeamLog {
  return (level, event, fields = {}) =>
    write(`${JSON.stringify({ time: now().toISOString(), level, event, ...fields })}\n`);
}
