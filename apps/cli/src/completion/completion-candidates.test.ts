import { describe, expect, it } from '@jest/globals';
import type { AnyPlugin, Session } from '@slipline/core';
import { exchangeOnline } from '@slipline/exchange-online';
import { hpeOneView } from '@slipline/hpe-oneview';
import { candidatesFor, type CompletionSources } from './completion-candidates.ts';

const session = (id: string, endpoint: string): Session => ({
  provider: 'hpe-oneview',
  endpoint,
  id,
  kind: 'connection',
  label: `Administrator on ${endpoint}`,
  state: 'live',
  ownership: 'opened',
  effects: ['end'],
  fingerprint: id,
  details: {},
});

/** Sources that note what was asked of them. */
function sources(asked: string[] = []): CompletionSources {
  const plugins: Readonly<Record<string, AnyPlugin>> = { 'hpe-oneview': hpeOneView() };
  return {
    environment: { PASSWORD: 'x', PATH: '/bin' },
    providerIds: async () => {
      asked.push('ids');
      return ['hpe-oneview', 'tmux'];
    },
    plugin: async (id) => {
      asked.push(`plugin ${id}`);
      return plugins[id];
    },
    cmdlets: async () => {
      asked.push('cmdlets');
      const plugin = hpeOneView();
      return (plugin.cmdlets ?? []).map((cmdlet) => ({ cmdlet, plugin }));
    },
    sessions: async (provider) => {
      asked.push(`sessions ${provider}`);
      return [session('1', 'ov1.example'), session('2', 'ov2.example\u001b[31m')];
    },
    modules: async () => ['slipline-provider-tmux'],
    trustedHosts: async () => ['ov1.example:443', 'ov2.example:443'],
  };
}

/** What is offered for a command line; its last word is the one under the cursor. */
async function offered(line: string, asked?: string[]): Promise<readonly string[]> {
  const { words, files } = await candidatesFor(line.split(' '), sources(asked));
  return [...words.map(({ text }) => text), ...(files ? ['FILES'] : [])];
}

describe('what is offered', () => {
  it.each([
    ['con', ['connect']],
    ['Con', ['connect', 'Connect-HPOVMgmt', 'Connect-OVMgmt']],
    ['disconnect-', ['Disconnect-HPOVMgmt', 'Disconnect-OVMgmt']],
    ['Disconnect-HPOVMgmt ', ['1', '2', 'ov1.example', 'ov2.example']],
    ['disconnect-ovmgmt 1,o', ['1,ov1.example', '1,ov2.example']],
    ['Disconnect-HPOVMgmt -Appliance ov1', ['ov1.example']],
    ['Disconnect-HPOVMgmt -Hostname:ov1', ['-Hostname:ov1.example']],
    ['Disconnect-HPOVMgmt -C', ['-Confirm', '-CaFile']],
    ['Disconnect-HPOVMgmt -Confirm:$f', ['-Confirm:$false']],
    ['Disconnect-HPOVMgmt -ErrorAction S', ['SilentlyContinue', 'Stop', 'Suspend']],
    ['Connect-HPOVMgmt -PasswordFile ', ['FILES']],
    ['Connect-HPOVMgmt -PasswordEnv PASS', ['PASSWORD']],
    ['Connect-HPOVMgmt -User', ['-UserName']],
    ['Nothing-AtAll ', []],
    ['p', ['providers', 'plugins']],
    ['--ou', ['--output']],
    ['--output ', ['table', 'list', 'json', 'jsonl', 'csv', 'none']],
    ['-o js', ['json', 'jsonl']],
    ['--output=js', ['--output=json', '--output=jsonl']],
    ['ls --output json --out', []],
    ['disconnect ', ['hpe-oneview', 'tmux']],
    ['disconnect h', ['hpe-oneview']],
    ['disconnect hpe-oneview ', ['1', '2', 'ov1.example', 'ov2.example']],
    ['disconnect hpe-oneview OV1', ['ov1.example']],
    ['disconnect hpe-oneview "ov1', ['ov1.example']],
    ['disconnect hpe-oneview 1 ', ['1', '2', 'ov1.example', 'ov2.example']],
    ['disconnect hpe-oneview --appliance 1,ov1', ['1,ov1.example']],
    ['disconnect hpe-oneview --hostname=ov1', ['--hostname=ov1.example']],
    ['disconnect hpe-oneview:', ['hpe-oneview:1', 'hpe-oneview:2']],
    ['disconnect hpe-oneview --effect ', ['forget', 'detach', 'end', 'revoke']],
    ['disconnect hpe-oneview --oth', []],
    ['ls hpe-oneview --oth', ['--others']],
    ['disconnect hpe-oneview --plan ', ['FILES']],
    ['connect hpe-oneview --password', ['--password-stdin', '--password-file', '--password-env']],
    ['connect hpe-oneview --password-file ', ['FILES']],
    ['connect hpe-oneview --password-env PASS', ['PASSWORD']],
    ['connect hpe-oneview ov', ['ov1.example']],
    ['connect hpe-oneview ov1.example ', []],
    ['--output json disconnect hpe-oneview 1', ['1']],
    ['apply ', ['FILES']],
    ['--ca-file ', ['FILES']],
    ['trust ', ['ls', 'remove']],
    ['trust remove ov1', ['ov1.example:443']],
    ['plugins remove ', ['slipline-provider-tmux']],
    ['plugins add ', ['FILES']],
    ['completion z', ['zsh']],
    ['help disc', ['disconnect']],
    ['help disconnect t', ['tmux']],
    ['history h', ['hpe-oneview']],
    ['lab --providers hpe', ['hpe-oneview']],
    ['lab ', ['--']],
    ['lab -- ', ['FILES']],
    ['nonsense ', []],
    ['constructor ', []],
    ['disconnect nonsense ', []],
    ['disconnect tmux --eff', ['--effect']],
    ['ls --unknown --live --un', []],
  ])('slipline %s', async (line, expected) => {
    expect(await offered(line)).toEqual(expected);
  });

  it('what sessions say under the name of a parameter', async () => {
    const plugin = exchangeOnline();
    const details = { connectionId: '1a9e45e8-e7ec-498f-9ac3-0504e987fa85', modulePrefix: 'Contoso' };
    const own: CompletionSources = {
      ...sources(),
      cmdlets: async () => (plugin.cmdlets ?? []).map((cmdlet) => ({ cmdlet, plugin })),
      sessions: async () => [{ ...session(details.connectionId, 'outlook.example'), details }],
    };
    const words = async (flag: string) =>
      (await candidatesFor(['Disconnect-ExchangeOnline', flag, ''], own)).words.map(({ text }) => text);
    expect(await words('-ModulePrefix')).toEqual(['Contoso']);
    expect(await words('-ConnectionId')).toEqual([details.connectionId]);
  });

  it('every command, with what it does', async () => {
    const { words } = await candidatesFor([''], sources());
    expect(words.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['connect', 'lab', 'completion', 'help']),
    );
    expect(words.every(({ hint }) => (hint ?? '') !== '')).toBe(true);
  });

  it('is free of what a system may have put into a name', async () => {
    const { words } = await candidatesFor(['disconnect', 'hpe-oneview', ''], sources());
    expect(words.at(-1)?.text).toBe('ov2.example');
    expect(JSON.stringify(words)).not.toContain('\\u001b');
  });

  it.each([
    ['disc', []],
    ['ls --out', []],
    ['trust ', []],
    ['disconnect ', ['ids']],
    ['disconnect hpe-oneview --eff', ['plugin hpe-oneview']],
    ['disconnect hpe-oneview ', ['plugin hpe-oneview', 'sessions hpe-oneview']],
  ])('loads no more than slipline %s needs', async (line, expected) => {
    const asked: string[] = [];
    await offered(line, asked);
    expect(asked).toEqual(expected);
  });
});
