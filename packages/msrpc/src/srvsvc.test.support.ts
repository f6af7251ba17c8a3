import { conformantArray, struct, union, unique } from './ndr-constructs.ts';
import { u32 } from './ndr-scalars.ts';
import { wideString } from './ndr-strings.ts';
import { defineInterface, operation } from './rpc-interface.ts';

const SHARE_INFO_1 = struct({ name: unique(wideString), type: u32, remark: unique(wideString) });
const SHARES = union(u32, {
  1: unique(struct({ count: u32, buffer: unique(conformantArray(SHARE_INFO_1)) })),
});
const SESSION_INFO_1 = struct({
  client: unique(wideString),
  user: unique(wideString),
  opens: u32,
  seconds: u32,
  idle: u32,
  flags: u32,
});
const SESSIONS = union(u32, {
  1: unique(struct({ count: u32, buffer: unique(conformantArray(SESSION_INFO_1)) })),
});

/** MS-SRVS, as far as the tests call it: a table that uses pointers in arrays in unions. */
export const SRVSVC = defineInterface({
  name: 'srvsvc',
  uuid: '4b324fc8-1670-01d3-1278-5a47bf6ee188',
  version: [3, 0],
  operations: {
    NetrSessionEnum: operation(
      12,
      {
        server: unique(wideString),
        client: unique(wideString),
        user: unique(wideString),
        level: u32,
        sessions: SESSIONS,
        most: u32,
        resume: unique(u32),
      },
      { level: u32, sessions: SESSIONS, total: u32, resume: unique(u32), status: u32 },
    ),
    NetrShareEnum: operation(
      15,
      { server: unique(wideString), level: u32, shares: SHARES, most: u32, resume: unique(u32) },
      { level: u32, shares: SHARES, total: u32, resume: unique(u32), status: u32 },
    ),
    NoSuchOperation: operation(4711, {}, {}),
  },
});

export const WKSSVC = defineInterface({
  name: 'wkssvc',
  uuid: '6bffd098-a112-3610-9833-46c3f87e345a',
  version: [1, 0],
  operations: {},
});
