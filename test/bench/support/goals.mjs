// Compares measurements with their goals. A goal that is missed fails the benchmark.
import { appendFileSync } from 'node:fs';

/**
 * Checks a goal, and notes it for the table that `npm run bench` prints in the end. `beside` says what the value is compared with.
 * `isMet` decides where more than the value counts.
 */
export function checkGoal({ measured, value, unit, limit, beside, isMet = value <= limit }) {
  const row = { measured, value: `${round(value)} ${unit}`, goal: `${limit} ${unit}`, beside, met: isMet };
  if (process.env.BENCH_GOALS) appendFileSync(process.env.BENCH_GOALS, `${JSON.stringify(row)}\n`);
  if (isMet) return;
  console.error(`Missed: ${measured}: ${row.value}, goal ${row.goal} beside ${beside}`);
  process.exitCode = 1;
}

function round(value) {
  return Number(value.toFixed(2));
}
