// Processor time of this process, which other programs on the machine hardly move.

/** Returns the microseconds of processor time since `start`, a result of `process.cpuUsage()`. */
export function processorUs(start) {
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** Returns the 25th percentile: other load on the machine only adds time. */
export function quartile(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)];
}
