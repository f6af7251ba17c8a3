// What the probes of Windows hosts have in common. Facts of the hosts come from the file that is named first.
import { readFileSync } from 'node:fs';
import { MemoryLedger, Secret, Slipline } from '@slipline/core';
import { terminalSessions } from '@slipline/terminal-sessions';

export const { hosts, user } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
export const credential = { userName: user.userName, password: new Secret(user.password) };

export function newSlipline() {
  const resolve = hosts.map(({ name, port }) => ({ host: name, address: '127.0.0.1', toPort: port }));
  const providers = [terminalSessions({ transport: 'smb' })];
  return new Slipline({ providers, ledger: new MemoryLedger(), network: { resolve } });
}

export function request(slipline, selector, computerName = hosts.map(({ name }) => name)) {
  return slipline.sessions({
    provider: 'terminal-sessions',
    selector: { computerName, ...credential, ...selector },
  });
}
