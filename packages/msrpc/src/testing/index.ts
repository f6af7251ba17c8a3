export { accepting, type Accept } from './acceptor.ts';
export { ByteReader, ByteWriter, Malformed } from './bytes.ts';
export { FakeSmbServer } from './fake-smb-server.ts';
export type { PipeEnd, PipeService } from './pipe.ts';
export { KERBEROS_PASSWORD, setEnvironment, startRealm, type Realm } from './realm.ts';
export { RpcEndpoint, type RpcEndpointOptions } from './rpc-endpoint.ts';
export {
  FAULT,
  noRpcFaults,
  RpcFault,
  type RpcCall,
  type RpcFaults,
  type RpcMischief,
  type RpcOperation,
  type RpcService,
} from './rpc-service.ts';
export type { CipherName, SigningName } from './smb-crypto.ts';
export type { SmbCommand } from './smb-message.ts';
export type { FakeSmbOptions, SmbFault, SmbFaults } from './smb-settings.ts';
export { Samba, SAMBA_PASSWORD, SAMBA_USER, type SambaSettings } from './samba.ts';
export { servePipe } from './samba-pipe.ts';
