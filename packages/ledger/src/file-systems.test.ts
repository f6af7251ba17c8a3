import { describe, expect, it } from '@jest/globals';
import { refuseNetwork, systemFileSystems } from './file-systems.ts';

const MOUNTS = `
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 21 0:35 / /home/ann/far rw,nosuid - fuse.sshfs ann@far: rw,user_id=1000
41 21 0:36 / /home/ann/with\\040space rw - fuse.rclone cloud: rw
42 40 0:37 / /home/ann/far/near rw - fuse.gocryptfs /crypt rw
`;

const systems = (number: number) => ({ number: () => number, mounts: () => MOUNTS });

describe('refuseNetwork', () => {
  it.each([
    [0x6969, 'NFS'],
    [0xff534d42, 'CIFS'],
    [0xfe534d42, 'SMB 2'],
    [0x517b, 'SMB'],
    [0x01021997, '9P'],
    [0x5346414f, 'AFS'],
    [0x00c36400, 'Ceph'],
    [0x47504653, 'GPFS'],
    [0x0bd00bd0, 'Lustre'],
  ])('refuses file system %i (%s), and says how to go on', (number, name) => {
    expect(() => refuseNetwork('/home/ann/state', systems(number))).toThrow(
      expect.objectContaining({
        code: 'invalid-request',
        message: expect.stringContaining(`(${name})`),
        next: expect.stringContaining('SLIPLINE_HOME'),
      }),
    );
  });

  it.each(['/home/ann/far', '/home/ann/far/state', '/home/ann/with space/state'])(
    'refuses %s, a file system in user space whose files are elsewhere',
    (folder) => {
      expect(() => refuseNetwork(folder, systems(0x65735546))).toThrow(/network file system \(fuse\./);
    },
  );

  it('takes a local file system in user space, also below a remote one', () => {
    refuseNetwork('/home/ann/far/near/state', systems(0x65735546));
    refuseNetwork('/home/ann/farther', systems(0x65735546));
  });

  it.each([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0])('takes local file system %i', (number) => {
    refuseNetwork('/home/ann/state', systems(number));
  });

  it('refuses a network share of Windows by its path', () => {
    for (const path of ['\\\\server\\share\\slipline', '\\\\?\\UNC\\server\\share'])
      expect(() => refuseNetwork(path, systems(0))).toThrow(/network share/);
    refuseNetwork('\\\\?\\C:\\Users\\ann', systems(0));
    refuseNetwork('C:\\Users\\ann', systems(0));
  });

  it('looks at the machine it runs on', () => {
    expect(Number.isSafeInteger(systemFileSystems.number('/'))).toBe(true);
    refuseNetwork('/tmp');
  });
});
