// A fake appliance in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { bareEnvironment } from './installation.mjs';

/** Starts it with `count` open sessions; what it says of itself goes to the file `facts`, for probes to read. */
export async function startAppliance(node, app, facts, count) {
  const args = [join(app, 'probes/appliance.mjs'), String(count)];
  const child = spawn(node.program, args, { env: bareEnvironment(), stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  if (typeof line !== 'string') throw new Error(`The fake appliance ended with ${line}.`);
  writeFileSync(facts, line);
  const authorityFile = `${facts}.pem`;
  writeFileSync(authorityFile, JSON.parse(line).authority);
  return {
    facts,
    /** The authority of its certificate, as a PEM file. */
    authorityFile,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
