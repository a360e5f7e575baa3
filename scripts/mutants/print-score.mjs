import { dirname } from 'node:path';

const OUTCOMES = ['killed', 'survived', 'equivalent', 'not equivalent', 'not tested'];

/** Prints the number of faults by folder and outcome, and the score: killed ones of those that are not equivalent. */
export function printScore(faults) {
  const folders = new Map();
  for (const fault of faults) {
    const folder = dirname(fault.file);
    folders.set(folder, [...(folders.get(folder) ?? []), fault]);
  }
  console.log('');
  for (const [folder, list] of folders) console.log(lineOf(folder, list));
  console.log(lineOf('all', faults));
}

function lineOf(title, faults) {
  const counts = OUTCOMES.map((outcome) => [
    outcome,
    faults.filter((fault) => fault.outcome === outcome).length,
  ]);
  const killed = counts[0][1];
  const relevant = faults.filter(({ outcome }) => outcome !== 'equivalent').length;
  const score = relevant === 0 ? 100 : Math.floor((100 * killed) / relevant);
  const parts = counts.filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}`);
  if (parts.length === 0) return `${title}: ${faults.length} faults`;
  return `${title}: ${faults.length} faults, ${parts.join(', ')}: ${score} %`;
}
