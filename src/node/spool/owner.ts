import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const NAME = /^(\d+)-([0-9a-f]{8})-([0-9a-f]{8})$/;

/** Directories that belong to this process, also those of another copy of this package in it. */
const holder = globalThis as { [key: symbol]: Set<string> | undefined };
const OWN = (holder[Symbol.for('opentelemetry-exporter-trubrics.spool-directories')] ??= new Set<string>());

/** A new name for a directory of this process. */
export function newOwnName(): string {
  const name = `${process.pid}-${machineTag()}-${randomBytes(4).toString('hex')}`;
  OWN.add(name);
  return name;
}

/** A new name for a directory that is left to whoever comes next. No process has the number 0. */
export function newFreeName(): string {
  return `0-${machineTag()}-${randomBytes(4).toString('hex')}`;
}

export function disown(name: string): void {
  OWN.delete(name);
}

/** Whether a process still writes to a directory. Of those that are `running` or `elsewhere`, only signs of life can tell. */
export function ownerState(name: string): 'not-ours' | 'own' | 'dead' | 'running' | 'elsewhere' {
  const parts = NAME.exec(name);
  if (!parts) return 'not-ours';
  if (OWN.has(name)) return 'own';
  const [, pidText, tag] = parts;
  const pid = Number(pidText);
  if (pid === 0) return 'dead';
  // Process numbers of another machine or container mean nothing here.
  if (tag !== machineTag()) return 'elsewhere';
  // Even a number that is this process's own says little: worker threads share it, and a number may be used again.
  return isRunning(pid) ? 'running' : 'dead';
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

let tag: string | undefined;

/** Within it a process number means one process: the machine since its last start, and the container. */
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
