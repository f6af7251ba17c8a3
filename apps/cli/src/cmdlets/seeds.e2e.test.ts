import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EntraBench } from '@slipline/entra/testing';
import type { ExchangeOnlineBench } from '@slipline/exchange-online/testing';
import type { OneViewBench } from '@slipline/hpe-oneview/testing';
import { CONTOSO, SECRET_APPLICATION } from '@slipline/microsoft-identity/testing';
import type { TerminalSessionsBench } from '@slipline/terminal-sessions/testing';
import type { WsmanBench } from '@slipline/wsman/testing';
import { openLab, type Lab } from '../lab/lab.ts';
import { PROGRAM } from '../own-program.ts';
import { findProviders } from '@slipline/config/plugins';

// The examples in the help of Disconnect-ExchangeOnline, Disconnect-Entra, Disconnect-HPOVMgmt, Disconnect-WSMan and
// Disconnect-TerminalSession, each typed after `slipline` in a shell; what they do is judged by the fakes themselves.
jest.setTimeout(60_000);

const SILENT = { code: 0, stdout: '', stderr: '' };
const APPLICATION = `-Organization ${CONTOSO.domains[0]} -AppId ${SECRET_APPLICATION.clientId} -ClientSecretFile secret.txt`;
const LOGIN = '-UserName Administrator -PasswordFile hpe-oneview.txt';
const QUESTION = /\(default is "Y"\): $/;
/** What types answers at a terminal; not every system has it. */
const hasScript = spawnSync('script', ['--version']).error === undefined;

let lab: Lab;
let folder: string;
let homes = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipline-seeds-'));
  const config = { folder, plugins: [], settings: {} };
  const providers = (await findProviders(config, PROGRAM)).installed;
  lab = await openLab({ providers, config, environment: process.env });
  for (const [id, { facts }] of lab.benches)
    await writeFile(join(folder, `${id}.txt`), facts.users[0]?.password ?? '');
  await writeFile(join(folder, 'secret.txt'), SECRET_APPLICATION.secrets[0]?.value ?? '');
});

// Nobody is connected to anything.
beforeEach(async () => {
  homes += 1;
  await mkdir(home());
});

afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const home = (): string => join(folder, `home-${homes}`);
const options = () => ({ cwd: folder, env: { ...lab.environment, SLIPLINE_HOME: home() }, detached: true });

/** What a shell does that has no terminal: nobody can be asked. */
async function bash(script: string): Promise<Ended> {
  const child = spawn('bash', ['--norc', '-c', script], { ...options(), stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = [child.stdout, child.stderr].map((one) => one.setEncoding('utf8').toArray());
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout: (await stdout)?.join('') ?? '', stderr: (await stderr)?.join('') ?? '' };
}

/** Runs what has to succeed for the example to make sense. */
async function given(...lines: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await bash(['set -e', ...lines].join('\n'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('next:') });
  return stdout;
}

/** The same at a terminal, where somebody waits for each question before typing the answer. */
async function typed(command: string, answers: readonly (readonly [RegExp, string])[]): Promise<Ended> {
  const program = [
    '--quiet',
    '--return',
    '--command',
    `bash --norc -c '${command.replaceAll("'", `'\\''`)}'`,
  ];
  const child = spawn('script', [...program, '/dev/null'], options());
  const left = [...answers];
  let seen = '';
  let all = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    all += text;
    seen += text;
    if (left[0]?.[0].test(seen) !== true) return;
    child.stdin.write(`${left.shift()?.[1]}\r`);
    seen = '';
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(left).toEqual([]);
  return { code, stdout: all.replaceAll('\r', ''), stderr: '' };
}

describe('Disconnect-ExchangeOnline', () => {
  const bench = () => lab.benches.get('exchange-online') as ExchangeOnlineBench;

  async function connected(...prefixes: readonly string[]): Promise<readonly string[]> {
    await given(
      ...prefixes.map((prefix) => `slipline Connect-ExchangeOnline ${APPLICATION} -Prefix ${prefix}`),
    );
    return ids();
  }

  /** The connections that there are, each of which the service itself has seen. */
  async function ids(): Promise<readonly string[]> {
    const listed = JSON.parse(await given('slipline Get-ConnectionInformation -o json')) as readonly {
      readonly ConnectionId: string;
      readonly State: string;
    }[];
    return listed.map(({ ConnectionId, State }) => {
      expect([State, bench().exchange.connection(ConnectionId)?.connectionId]).toEqual([
        'Connected',
        ConnectionId,
      ]);
      return ConnectionId;
    });
  }

  if (hasScript)
    it('1: asks for confirmation, then disconnects from both services', async () => {
      await connected('Contoso');
      await given(`slipline Connect-IPPSSession ${APPLICATION}`);
      const { code, stdout } = await typed('slipline Disconnect-ExchangeOnline', [[QUESTION, 'A']]);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/\[A\] Yes to All/) });
      expect(await ids()).toEqual([]);
    });

  it('2: disconnects silently', async () => {
    await connected('Contoso', 'Fabrikam');
    const requests = bench().requests?.();
    expect(await bash(`slipline Disconnect-ExchangeOnline -Confirm:'$false'`)).toEqual(SILENT);
    expect(bench().requests?.()).toBe(requests);
    expect(await ids()).toEqual([]);
  });

  if (hasScript)
    it('3: disconnects the connection with this id', async () => {
      const [one, two] = await connected('Contoso', 'Fabrikam');
      const { code } = await typed(`slipline Disconnect-ExchangeOnline -ConnectionId ${one}`, [
        [QUESTION, 'Y'],
      ]);
      expect([code, await ids()]).toEqual([0, [two]]);
    });

  if (hasScript)
    it('4: disconnects the connections with these prefixes', async () => {
      const [, , three] = await connected('Contoso', 'Fabrikam', 'Other');
      const line = 'slipline Disconnect-ExchangeOnline -ModulePrefix Contoso,Fabrikam';
      const { code } = await typed(line, [
        [QUESTION, 'y'],
        [QUESTION, ''],
      ]);
      expect([code, await ids()]).toEqual([0, [three]]);
    });

  it('takes objects that PowerShell wrote, by property name', async () => {
    const [one, two] = await connected('Contoso', 'Fabrikam');
    // As `Get-ConnectionInformation | ConvertTo-Json` writes one connection.
    const object = {
      ConnectionId: one,
      State: 1,
      Id: 1,
      ModulePrefix: 'Contoso',
      TokenExpiryTimeUTC: '\\/Date(1)\\/',
    };
    await writeFile(join(folder, 'one.json'), `\ufeff${JSON.stringify(object, undefined, 2)}\r\n`);
    const done = await bash(`slipline Disconnect-ExchangeOnline -Confirm:'$false' <one.json`);
    expect([done, await ids()]).toEqual([SILENT, [two]]);
  });
});

describe('Disconnect-Entra', () => {
  const connect = `slipline Connect-Entra -TenantId ${CONTOSO.domains[0]} -ClientId ${SECRET_APPLICATION.clientId} -ClientSecretFile secret.txt`;

  it('1: disconnects, and prints the context that has ended', async () => {
    const bench = lab.benches.get('entra') as EntraBench;
    await given(`${connect} -NoWelcome`);
    const context = await given('slipline Get-EntraContext');
    const requests = bench.requests?.();
    const { code, stdout, stderr } = await bash('slipline Disconnect-Entra');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(context);
    expect(stdout).toMatch(
      new RegExp(`^ClientId +: ${SECRET_APPLICATION.clientId}\nTenantId +: ${CONTOSO.id}\n`),
    );
    expect(stdout).toMatch(/\nClientSecret +: \[redacted\]\nEnvironment +: Global\n$/);
    expect(bench.requests?.()).toBe(requests);
    expect(await given('slipline Get-EntraContext -o jsonl')).toBe('');
  });

  it('takes objects that PowerShell wrote, of the one session that they describe', async () => {
    // In one shell, since a session of a process ends with it.
    const left = await given(
      `${connect} -ContextScope CurrentUser`,
      `${connect} -Name other -ContextScope Process`,
      String.raw`printf '\357\273\277' >context.json`,
      `slipline Get-EntraContext -o json --query "[?ContextScope=='CurrentUser']" >>context.json`,
      'slipline Disconnect-Entra <context.json >/dev/null',
      'slipline ls entra -o jsonl --query "[].details.name"',
    );
    expect(left).toBe('"other"\n');
  });
});

describe('Disconnect-HPOVMgmt', () => {
  const appliance = () => (lab.benches.get('hpe-oneview') as OneViewBench).appliance;
  const connect = (name: string) => `slipline Connect-HPOVMgmt -Hostname ${name} ${LOGIN} >/dev/null`;
  let before: number;
  beforeEach(() => {
    before = appliance().openSessionCount;
  });
  const opened = () => appliance().openSessionCount - before;

  if (hasScript)
    it('1: ends the session of the connection in a variable', async () => {
      await given(connect('MyAppliance2.domain.com'));
      const password = appliance().settings.users[0]?.password ?? '';
      const line =
        'slipline Connect-HPOVMgmt -Hostname MyAppliance.domain.com -Credential Administrator -o json';
      const { code } = await typed(`Connection1="$(${line})" && printf %s "$Connection1" >connection1.json`, [
        [/password/i, password],
      ]);
      expect([code, opened()]).toEqual([0, 2]);
      const done = await bash('slipline Disconnect-HPOVMgmt -Hostname "$(cat connection1.json)"');
      expect([done, opened()]).toEqual([SILENT, 1]);
      expect(await given('slipline ls hpe-oneview -o jsonl')).toMatch(
        /^[^\n]*MyAppliance2\.domain\.com[^\n]*\n$/,
      );
    });

  it('2: ends the session whose ConnectionID is 1', async () => {
    await given(connect('MyAppliance.domain.com'), connect('MyAppliance2.domain.com'));
    const done = await bash('slipline Disconnect-HPOVMgmt -Hostname 1');
    expect([done, opened()]).toEqual([SILENT, 1]);
    expect(await given('slipline ls hpe-oneview -o jsonl')).toMatch(/"id":"2"[^\n]*\n$/);
  });

  it('3: ends every session, piped', async () => {
    await given(connect('MyAppliance.domain.com'), connect('MyAppliance2.domain.com'));
    expect(opened()).toBe(2);
    const done = await bash('slipline ls hpe-oneview -o jsonl | slipline Disconnect-HPOVMgmt');
    expect([done, opened()]).toEqual([SILENT, 0]);
  });
});

describe('Disconnect-WSMan', () => {
  it('1: disconnects server01, and leaves localhost', async () => {
    const { winrm } = lab.benches.get('wsman') as WsmanBench;
    await given(
      `slipline Connect-WSMan -ComputerName server01 -UserName 'CORP\\Administrator' -PasswordFile wsman.txt`,
    );
    expect(winrm.requestCounts.get('Identify')).toBe(1);
    const names = 'slipline ls wsman --drive -o jsonl --query "[].endpoint"';
    expect(await given(names)).toBe('"localhost"\n"server01"\n');
    const requests = winrm.requestCount;
    expect(await bash('slipline Disconnect-WSMan -computer server01')).toEqual(SILENT);
    expect([await given(names), winrm.requestCount]).toEqual(['"localhost"\n', requests]);
  });

  it('takes objects that PowerShell wrote, by property name', async () => {
    const account = `-UserName 'CORP\\Administrator' -PasswordFile wsman.txt`;
    await given(...['server01', 'server02'].map((name) => `slipline Connect-WSMan ${name} ${account}`));
    // As `[pscustomobject]@{ ComputerName = 'server01' } | ConvertTo-Json` writes it.
    await writeFile(join(folder, 'computer.json'), '\ufeff{\r\n    "ComputerName":  "server01"\r\n}\r\n');
    expect(await bash('slipline Disconnect-WSMan <computer.json')).toEqual(SILENT);
    expect(await given('slipline ls wsman -o jsonl --query "[].endpoint"')).toBe('"server02"\n');
  });
});

describe('Disconnect-TerminalSession', () => {
  const desktops = () => (lab.benches.get('terminal-sessions') as TerminalSessionsBench).host.desktops;
  const connect = `slipline connect terminal-sessions SERVER01 --user-name 'DOMAIN\\opadmin' --password-file terminal-sessions.txt`;
  const done = (count: number) => ({ ...SILENT, stdout: 'True\n'.repeat(count) });

  it('1: disconnects session 5 on SERVER01', async () => {
    await given(connect);
    expect(desktops().get(5)?.state).toBe('Active');
    const line = 'slipline Disconnect-TerminalSession -ComputerName "SERVER01" -SessionId 5';
    expect([await bash(line), desktops().get(5)?.state]).toEqual([done(1), 'Disconnected']);
  });

  it('2: disconnects every session of jdoe on SERVER01', async () => {
    const [one, other, two] = ['jdoe', 'asmith', 'jdoe'].map((userName) => desktops().logOn({ userName }));
    const listed = 'slipline Get-TerminalSession -ComputerName "SERVER01" -o jsonl';
    await given(connect);
    const piped = await bash(
      `${listed} --query "[?UserName=='jdoe' && State=='Active']" | slipline Disconnect-TerminalSession`,
    );
    expect(piped).toEqual(done(2));
    expect([one?.state, other?.state, two?.state]).toEqual(['Disconnected', 'Active', 'Disconnected']);
  });

  it('takes objects that PowerShell wrote, of several sessions of a host', async () => {
    const [one, two] = ['jdoe', 'jdoe'].map((userName) => desktops().logOn({ userName }));
    // As `Get-TerminalSession | ConvertTo-Json` writes them: an enumeration is a number.
    const objects = [one, two].map((desktop) => ({
      SessionId: desktop?.id,
      State: 0,
      ComputerName: 'SERVER01',
    }));
    await writeFile(join(folder, 'several.json'), `\ufeff${JSON.stringify(objects)}\r\n`);
    await given(connect);
    expect(await bash('slipline Disconnect-TerminalSession <several.json')).toEqual(done(2));
    expect([one?.state, two?.state]).toEqual(['Disconnected', 'Disconnected']);
  });

  it('lends its sessions to the other cmdlets', async () => {
    const desktop = desktops().logOn({ userName: 'jdoe', client: { name: 'DESK-7', address: '192.0.2.7' } });
    const listed = `slipline Get-TerminalSession SERVER01 -o jsonl --query "[?ClientName=='DESK-7']"`;
    await given(connect);
    const one = await given(`${listed} | slipline Get-TerminalClientInfo -o jsonl`);
    expect(JSON.parse(one)).toMatchObject({ SessionId: desktop.id, ClientName: 'DESK-7', HRes: 1920 });
    const two = await given(`slipline Get-TerminalInfo -SessionInfo "$(${listed})" -o jsonl`);
    expect(JSON.parse(two)).toMatchObject({ SessionId: desktop.id, UserName: 'jdoe' });
    await given(`${listed} | slipline Remove-TerminalSession -Confirm:'$false'`);
    expect(desktops().get(desktop.id)).toBeUndefined();
  });
});
