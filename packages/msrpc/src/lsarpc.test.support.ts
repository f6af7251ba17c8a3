import { conformantArray, conformantVaryingArray, struct, union, unique } from './ndr-constructs.ts';
import { contextHandle, octets, u16, u32, u8 } from './ndr-scalars.ts';
import { wideString } from './ndr-strings.ts';
import { defineInterface, operation } from './rpc-interface.ts';

const RPC_UNICODE_STRING = struct({
  length: u16,
  maximumLength: u16,
  buffer: unique(conformantVaryingArray(u16)),
});
const RPC_SID = struct({ revision: u8, count: u8, authority: octets(6), parts: conformantArray(u32) });
const OBJECT_ATTRIBUTES = struct({
  length: u32,
  rootDirectory: unique(u8),
  objectName: unique(u8),
  attributes: u32,
  securityDescriptor: unique(u8),
  securityQualityOfService: unique(u8),
});
const INFORMATION = union(u16, { 5: struct({ domainName: RPC_UNICODE_STRING, domainSid: unique(RPC_SID) }) });

/** MS-LSAD, as far as the tests call it: context handles, and structures that end in conformant arrays. */
export const LSARPC = defineInterface({
  name: 'lsarpc',
  uuid: '12345778-1234-abcd-ef00-0123456789ab',
  version: [0, 0],
  operations: {
    LsarClose: operation(0, { handle: contextHandle }, { handle: contextHandle, status: u32 }),
    LsarOpenPolicy2: operation(
      44,
      { system: unique(wideString), attributes: OBJECT_ATTRIBUTES, access: u32 },
      { handle: contextHandle, status: u32 },
    ),
    LsarQueryInformationPolicy: operation(
      7,
      { handle: contextHandle, kind: u16 },
      { information: unique(INFORMATION), status: u32 },
    ),
  },
});
