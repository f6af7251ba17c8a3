import { readFileSync, statfsSync } from 'node:fs';
import { DisconnectError } from '@slipline/core';

const FUSE = 0x65735546;

/** Numbers of file systems that are shared with other machines or hosts, as Linux's statfs(2) and magic.h name them. */
const SHARED: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB 2'],
  [0x01021997, '9P'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x47504653, 'GPFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x19830326, 'BeeGFS'],
  [0x20030528, 'OrangeFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
  [0x786f4256, 'a VirtualBox shared folder'],
]);

/** Kinds of FUSE whose files are elsewhere. */
const REMOTE_FUSE =
  /^fuse\.(sshfs|rclone|s3fs|gcsfuse|goofys|glusterfs|ceph|juicefs|davfs|curlftpfs|smbnetfs|vmhgfs)/;

/** How to look at a file system; replaced in tests. */
export interface FileSystems {
  /** The number of the file system that holds `folder`, or 0 where the platform has none. */
  number(folder: string): number;
  /** Linux's list of mounts. */
  mounts(): string;
}

export const systemFileSystems: FileSystems = {
  number: (folder) => (process.platform === 'linux' ? statfsSync(folder).type >>> 0 : 0),
  mounts: () => readFileSync('/proc/self/mountinfo', 'utf8'),
};

/**
 * Throws `invalid-request` where `folder` is on a network file system: locks and shared memory do not hold there, so two
 * processes could damage the ledger. Linux tells; on Windows a path that begins with `\\` does; macOS does not say.
 */
export function refuseNetwork(folder: string, systems: FileSystems = systemFileSystems): void {
  const kind = networkKind(folder, systems);
  if (kind === undefined) return;
  throw new DisconnectError(
    'invalid-request',
    `the ledger's folder ${folder} is on a network file system (${kind})`,
    {
      next: 'set SLIPLINE_HOME to a folder on a local disk',
    },
  );
}

function networkKind(folder: string, systems: FileSystems): string | undefined {
  if (/^\\\\(?![?.]\\)/.test(folder) || /^\\\\\?\\UNC\\/i.test(folder)) return 'a network share';
  const number = systems.number(folder);
  if (number !== FUSE) return SHARED.get(number);
  const kind = mountKind(folder, systems.mounts());
  return REMOTE_FUSE.test(kind) ? kind : undefined;
}

/** The type of the innermost mount above `folder`: see proc_pid_mountinfo(5). */
function mountKind(folder: string, mounts: string): string {
  let innermost = '';
  let kind = '';
  for (const line of mounts.split('\n')) {
    const [place, system] = line.split(' - ');
    const point = place
      ?.split(' ')[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
    if (point === undefined || system === undefined || point.length < innermost.length) continue;
    if (folder !== point && !folder.startsWith(point === '/' ? '/' : `${point}/`)) continue;
    innermost = point;
    kind = system.split(' ')[0] ?? '';
  }
  return kind;
}
