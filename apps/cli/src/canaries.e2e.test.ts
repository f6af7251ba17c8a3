import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCanaries } from '@slipline/testkit';
import { CommandLine, PASSWORD, type Ran } from './command-line.test.support.ts';
import { COMMANDS } from './commands.ts';

// Secrets are looked for wherever this program leaves something to read.

jest.setTimeout(120_000);

let cli: CommandLine;
beforeEach(async () => {
  cli = await CommandLine.start();
  writeFileSync(cli.path('password.txt'), PASSWORD);
});
afterEach(() => cli[Symbol.asyncDispose]());

const SPEC = 'hpe-oneview ov1.example --user-name Administrator --password-file password.txt';
const NODE = process.execPath;

/** One line for each command; the password is saved, and a session is open, before each. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  connect: ['connect', ...SPEC.split(' '), '--save-credential'],
  ls: ['ls', 'hpe-oneview', '--live', '--others'],
  disconnect: ['disconnect', 'hpe-oneview', '1'],
  apply: ['apply', 'plan.json', '--yes'],
  run: ['run', '--with', SPEC, '--', NODE, '-e', 'process.exit(Object.keys(process.env).length > 3 ? 0 : 1)'],
  cleanup: ['cleanup', '--force'],
  doctor: ['doctor', '--live'],
  history: ['history'],
  providers: ['providers'],
  plugins: ['plugins', 'list'],
  trust: ['trust', 'ls'],
  lab: ['lab', '--providers', 'hpe-oneview', '--', NODE, '-e', ''],
  completion: ['completion', 'bash'],
};

/** Passwords and tokens, those of sessions that have ended among them. */
const canaries = (): readonly string[] => [...new Set(cli.canaries())];

describe('secrets', () => {
  it('are in what no command says, whatever it is asked to say', async () => {
    // `access` is there to print them.
    expect(Object.keys(LINES).sort()).toEqual(
      Object.keys(COMMANDS)
        .filter((name) => name !== 'access')
        .sort(),
    );
    const said: Ran[] = [await cli.connect('ov1.example', '--save-credential', '--debug')];
    const plan = await cli.run(['disconnect', 'hpe-oneview', '--plan', cli.path('plan.json'), '--debug']);
    said.push(plan);
    for (const line of Object.values(LINES)) {
      const flags = ['--debug', '--verbose', '-o', 'json'];
      const end = line.indexOf('--');
      const argv = end === -1 ? [...line, ...flags] : [...line.slice(0, end), ...flags, ...line.slice(end)];
      said.push(await cli.spawn(argv).ended);
      await cli.connect();
    }
    const [uncaught] = [await cli.spawn(['access', 'hpe-oneview', '--debug', '--format', 'json']).ended];
    said.push({ ...uncaught, stdout: '' });
    expect(canaries().length).toBeGreaterThan(Object.keys(LINES).length);
    expect(findCanaries(said, canaries())).toEqual([]);
    expect(findCanaries([readFileSync(cli.path('plan.json'), 'utf8')], canaries())).toEqual([]);
  });

  it('are in no file that is kept', async () => {
    await cli.connect('ov1.example', '--save-credential');
    await cli.spawn(['run', '--with', SPEC, '--', NODE, '-e', '']).ended;
    const files = filesBelow(cli.home);
    expect(files.length).toBeGreaterThan(2);
    for (const file of files) {
      const content = readFileSync(file);
      for (const canary of canaries()) expect([file, content.includes(canary)]).toEqual([file, false]);
    }
  });

  it('are in no environment and no command line but that of the program they were given to', async () => {
    if (process.platform !== 'linux') return; // Only Linux shows those of processes in files.
    // Its own: other tests have theirs in the environment of their processes.
    const password = `Canary-${crypto.randomUUID()}`;
    await using other = await CommandLine.start(['ov1.example'], {
      users: [{ userName: 'Administrator', password }],
    });
    writeFileSync(other.path('password.txt'), password);
    const script = `require('fs').writeFileSync(${JSON.stringify(other.path('pid'))}, String(process.pid)); setInterval(() => {}, 1000)`;
    const child = other.spawn(['run', '--with', SPEC, '--', NODE, '-e', script]);
    const pid = await written(other.path('pid'));
    const [{ token } = { token: '' }] = other.appliance().sessions();
    const holders = processesWith(token);
    const others = processesWith(password);
    child.child.kill('SIGTERM');
    await child.ended;
    expect(holders).toEqual([`${pid} environ`]);
    expect(others).toEqual([]);
  });

  it('are in no report of a crash', async () => {
    const reports = cli.path('reports');
    mkdirSync(reports);
    const wanted = `--report-on-signal --report-uncaught-exception --report-on-fatalerror --report-directory=${reports}`;
    const script = `require('fs').writeFileSync(${JSON.stringify(cli.path('pid'))}, 'x'); setInterval(() => {}, 1000)`;
    const spec = SPEC.replace('--password-file password.txt', '--password-env PASSWORD');
    const child = cli.spawn(['run', '--with', spec, '--debug', '--', NODE, '-e', script], {
      environment: { NODE_OPTIONS: wanted },
    });
    await written(cli.path('pid'));
    child.child.kill('SIGUSR2');
    const named = (): readonly string[] =>
      readdirSync(reports).filter((name) => name.includes(`.${child.child.pid}.`));
    while (named().length === 0) await sleep(20);
    await sleep(200);
    child.child.kill('SIGTERM');
    await child.ended;
    const report = readFileSync(join(reports, named()[0] ?? ''), 'utf8');
    expect(JSON.parse(report)).toMatchObject({ header: { event: 'SIGUSR2' } });
    expect(findCanaries([report], canaries())).toEqual([]);
  });
});

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

async function written(file: string): Promise<string> {
  for (;;) {
    try {
      const text = readFileSync(file, 'utf8');
      if (text !== '') return text;
    } catch {
      // Not yet.
    }
    await sleep(10);
  }
}

/** `1234 environ` for each file of a process in which the text is, but those of this one. */
function processesWith(text: string): readonly string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  return pids.flatMap((pid) =>
    ['cmdline', 'environ'].flatMap((what) => {
      try {
        return readFileSync(`/proc/${pid}/${what}`).includes(text) ? [`${pid} ${what}`] : [];
      } catch {
        return [];
      }
    }),
  );
}
