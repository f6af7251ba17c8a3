// Whole processes, measured in rounds: each round runs every command once, so that what disturbs the machine disturbs all alike.
import { spawnSync } from 'node:child_process';

export function median(numbers) {
  if (numbers.length === 0) throw new Error('There is no median of nothing.');
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Median milliseconds of each command, by name. A command is a program with its arguments. The first rounds fill caches and do
 * not count.
 */
export function processRounds(commands, { rounds = 25, warmUps = 3, run = timeOf } = {}) {
  const times = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let round = -warmUps; round < rounds; round += 1) {
    for (const [name, command] of Object.entries(commands)) {
      const milliseconds = run(command);
      if (round >= 0) times[name].push(milliseconds);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, measured]) => [name, median(measured)]));
}

/** Milliseconds from start to end, after what `prepare` does. Throws what the process said when it fails. */
function timeOf({ program, args, env, prepare }) {
  prepare?.();
  const start = performance.now();
  const { status, signal, stderr, error } = spawnSync(program, args, {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  const milliseconds = performance.now() - start;
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${signal ?? status}: ${stderr}`);
  return milliseconds;
}
