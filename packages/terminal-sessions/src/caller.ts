import { hostname, userInfo } from 'node:os';
import type { Caller } from './plugin.ts';

/** The session of a Windows host that this program runs in; nothing elsewhere. */
export function thisCaller(
  platform: string = process.platform,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Caller | undefined {
  const sessionName = environment['SESSIONNAME'];
  if (platform !== 'win32' || sessionName === undefined || sessionName === '') return undefined;
  return { computerName: hostname(), userName: userInfo().username, sessionName };
}
