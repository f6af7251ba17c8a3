import type { HostAddress } from './host-address.ts';
import type { TerminalClient } from './terminal-client.ts';

export async function openWts(_address: HostAddress): Promise<TerminalClient & AsyncDisposable> {
  throw new Error('later');
}
