import { elapsed, timeout } from '../durations.ts';
import { RESOURCES } from '../namespaces.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell-store.ts';
import { escapeXml } from '../xml.ts';

/** A `rsp:Shell` (MS-WSMV 2.2.4.37) with the fields that Windows sends, in its order. */
export function shellXml(shell: Shell, now: number, settings: Settings, isCreated = false): string {
  const isWinrs = shell.resourceUri === RESOURCES.cmd;
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ['ShellId', shell.id],
    ['Name', shell.name],
    ['ResourceUri', shell.resourceUri],
    ['Owner', shell.owner],
    ['ClientIP', shell.clientAddress],
    ['ProcessId', isWinrs ? undefined : shell.processId],
    ['IdleTimeOut', timeout(shell.idleTimeout)],
    ['InputStreams', shell.inputStreams],
    ['OutputStreams', shell.outputStreams],
    ['MaxIdleTimeOut', timeout(settings.maxIdleTimeout)],
    ['Locale', 'en-US'],
    ['DataLocale', 'en-US'],
    ['CompressionMode', isWinrs ? undefined : 'NoCompression'],
    ['ProfileLoaded', isWinrs ? undefined : 'Yes'],
    ['Encoding', isWinrs ? undefined : 'UTF8'],
    ['BufferMode', shell.bufferMode],
    ['State', isWinrs && !settings.winrsShowsState ? undefined : shell.state],
    ['ShellRunTime', elapsed(now - shell.createdAt)],
    ['ShellInactivity', elapsed(now - shell.usedAt)],
    ['MemoryUsed', isCreated ? undefined : '46MB'],
    ['ChildProcesses', isCreated ? undefined : shell.commands.size],
  ];
  const present = fields.filter(([, value]) => value !== undefined);
  return `<rsp:Shell>${present.map(([name, value]) => `<rsp:${name}>${escapeXml(String(value))}</rsp:${name}>`).join('')}</rsp:Shell>`;
}
