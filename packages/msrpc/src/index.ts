export type { Clock } from './clock.ts';
export { MSRPC_ERROR_CODES, MsrpcError, type MsrpcErrorCode } from './errors.ts';
export type { Fields, NdrType, ValueOf, ValuesOf } from './ndr.ts';
export {
  conformantArray,
  conformantOctets,
  conformantVaryingArray,
  fixedArray,
  struct,
  union,
  unique,
  type Arm,
} from './ndr-constructs.ts';
export {
  boolean32,
  boolean8,
  contextHandle,
  guid,
  i32,
  i64,
  octets,
  u16,
  u32,
  u64,
  u8,
  unread,
} from './ndr-scalars.ts';
export { wideCharacters, wideString } from './ndr-strings.ts';
export type { Pipe } from './pipe.ts';
export { bindRpc, type BindOptions, type RpcConnection } from './rpc-connection.ts';
export {
  defineInterface,
  operation,
  type OperationName,
  type RequestOf,
  type ResponseOf,
  type RpcInterface,
  type RpcOperation,
} from './rpc-interface.ts';
export { decodeStub, encodeStub } from './rpc-stub.ts';
export { connectSmb, type SmbConnection } from './smb-connection.ts';
export { type SmbCipher, type SmbDialect, type SmbSigning } from './smb-dialects.ts';
export type { CallOptions, SmbEncryption, SmbOptions } from './smb-options.ts';
