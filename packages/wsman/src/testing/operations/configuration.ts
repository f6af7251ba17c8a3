import { RESOURCES } from '../namespaces.ts';
import type { Settings } from '../settings.ts';

type Tree = readonly (readonly [name: string, value: string | number | boolean | Tree])[];

/** What `Get` answers for a resource of the configuration (MS-WSMV 2.2.4.34, .36, .42); nothing for another resource. */
export function configurationXml(resourceUri: string, settings: Settings): string | undefined {
  switch (resourceUri) {
    case RESOURCES.config:
      return write([['Config', config(settings)]]);
    case RESOURCES.winrsConfig:
      return write([['Winrs', winrs(settings)]]);
    case RESOURCES.serviceConfig:
      return write([['Service', service(settings)]]);
    default:
      return undefined;
  }
}

function config(settings: Settings): Tree {
  return [
    ['MaxEnvelopeSizekb', settings.maxEnvelopeSizeKb],
    ['MaxTimeoutms', 60_000],
    ['MaxBatchItems', 32_000],
    ['Service', service(settings)],
    ['Winrs', winrs(settings)],
  ];
}

function winrs(settings: Settings): Tree {
  return [
    ['AllowRemoteShellAccess', settings.allowRemoteShellAccess],
    ['IdleTimeout', settings.idleTimeout],
    ['MaxConcurrentUsers', settings.maxConcurrentUsers],
    ['MaxShellRunTime', settings.maxShellRunTime],
    ['MaxProcessesPerShell', 25],
    ['MaxMemoryPerShellMB', 1024],
    ['MaxShellsPerUser', settings.maxShellsPerUser],
  ];
}

function service({ authentication, allowUnencrypted, channelBinding, ...settings }: Settings): Tree {
  const levels = { off: 'None', supported: 'Relaxed', required: 'Strict' } as const;
  return [
    ['MaxConcurrentOperations', 4_294_967_295],
    ['MaxConcurrentOperationsPerUser', settings.maxConcurrentOperationsPerUser],
    ['EnumerationTimeoutms', settings.enumerationTimeout],
    ['MaxConnections', 300],
    ['MaxPacketRetrievalTimeSeconds', 120],
    ['AllowUnencrypted', allowUnencrypted],
    [
      'Auth',
      [
        ['Basic', authentication.basic],
        ['Kerberos', authentication.kerberos],
        ['Negotiate', authentication.negotiate],
        ['Certificate', authentication.certificate],
        ['CredSSP', authentication.credssp],
        ['CbtHardeningLevel', levels[channelBinding]],
      ],
    ],
  ];
}

function write(tree: Tree): string {
  return tree
    .map(([name, value]) => {
      const content = typeof value === 'object' ? write(value) : String(value);
      return `<cfg:${name}>${content}</cfg:${name}>`;
    })
    .join('');
}
