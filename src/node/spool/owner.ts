import { codeOf } from '../../common/unknown-values.js';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const NAME = /^(\d+)-([0-9a-f]{8})-([0-9a-f]{8})$/;

/** Names of this process's directories. On a global symbol, so that two copies of this package share it. */
const holder = globalThis as { [key: symbol]: Set<string> | undefined };
const OWN = (holder[Symbol.for('opentelemetry-exporter-trubrics.spool-directories')] ??= new Set<string>());

/** Returns a new name for a directory of this process. */
export function newOwnName(): string {
  const name = `${process.pid}-${machineTag()}-${randomBytes(4).toString('hex')}`;
  OWN.add(name);
  return name;
}

/** Returns a new name for a directory that any process may claim: with process id 0, which no process has. */
export function newFreeName(): string {
  return `0-${machineTag()}-${randomBytes(4).toString('hex')}`;
}

export function disown(name: string): void {
  OWN.delete(name);
}

/**
 * Returns whether the process that a directory is named for still runs. `running` and `elsewhere` are not certain: for them the time
 * of the directory decides.
 */
export function ownerState(name: string): 'not-ours' | 'own' | 'dead' | 'running' | 'elsewhere' {
  const parts = NAME.exec(name);
  if (!parts) return 'not-ours';
  if (OWN.has(name)) return 'own';
  const [, pidText, tag] = parts;
  const pid = Number(pidText);
  if (pid === 0) return 'dead';
  // Process ids of another machine or container mean nothing here.
  if (tag !== machineTag()) return 'elsewhere';
  // Even this process's own id is not enough: worker threads share it, and ids are reused.
  return isRunning(pid) ? 'running' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

let tag: string | undefined;

/** Returns a hash of host, boot and container, within which a process id belongs to one process. */
function machineTag(): string {
  tag ??= createHash('sha256')
    .update([hostname(), bootId(), pidNamespace()].join('\0'))
    .digest('hex')
    .slice(0, 8);
  return tag;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
