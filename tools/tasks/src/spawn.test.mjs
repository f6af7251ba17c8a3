import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { runNode } from './spawn.mjs';

/** An app that takes its time to clean up after a signal; `runApp` runs it in a process of its own. */
const app = (signal) => `
  process.on('${signal}', () => setTimeout(() => { console.log('cleaned up'); process.exit(7); }, 50));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

function start(source) {
  const module = JSON.stringify(join(import.meta.dirname, 'spawn.mjs'));
  const wrapper = `import { runApp } from ${module}; process.exitCode = await runApp(['-e', process.argv[1]], '.');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', wrapper, source], { detached: true });
  child.output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (child.output += text));
  return child;
}

it('answers the exit code of a step', () => {
  expect(runNode(['-e', 'process.exitCode = 3'])).toBe(3);
  expect(runNode(['-e', 'console.log("silence")'], { isQuiet: true })).toBe(0);
});

// Windows has no signals to pass on.
if (process.platform !== 'win32') {
  it.each([
    ['SIGTERM, which is passed on', 'SIGTERM', (child) => child.kill('SIGTERM')],
    ['Ctrl-C, which a terminal sends to all', 'SIGINT', (child) => process.kill(-child.pid, 'SIGINT')],
  ])('lets an app clean up after %s', async (_name, signal, send) => {
    const child = start(app(signal));
    while (!child.output.includes('ready')) await once(child.stdout, 'data');
    send(child);
    const [code] = await once(child, 'close');
    expect({ code, output: child.output }).toEqual({ code: 7, output: 'ready\ncleaned up\n' });
  });

  it('says by which signal an app was ended', async () => {
    const child = start(`console.log('ready'); setInterval(() => {}, 1000);`);
    while (!child.output.includes('ready')) await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const [code] = await once(child, 'close');
    expect(code).toBe(143);
  });
}
