import {
  conformantArray,
  defineInterface,
  operation,
  struct,
  u32,
  union,
  unique,
  wideString,
} from '@slipline/msrpc';

const TEXT = unique(wideString);
const TIMES = { time: u32, idleTime: u32 };

function container<T extends Parameters<typeof struct>[0]>(fields: T) {
  return unique(struct({ count: u32, buffer: unique(conformantArray(struct(fields))) }));
}

/** SESSION_ENUM_UNION (MS-SRVS 2.2.3.5), the levels that name the user. */
const SESSIONS = union(u32, {
  1: container({ client: TEXT, user: TEXT, opens: u32, ...TIMES, flags: u32 }),
  10: container({ client: TEXT, user: TEXT, ...TIMES }),
  502: container({
    client: TEXT,
    user: TEXT,
    opens: u32,
    ...TIMES,
    flags: u32,
    clientType: TEXT,
    transport: TEXT,
  }),
});

/** Server service (MS-SRVS 3.1.4.5 and 3.1.4.6), pipe srvsvc, as far as sessions need it. */
export const SRVSVC = defineInterface({
  name: 'srvsvc',
  uuid: '4b324fc8-1670-01d3-1278-5a47bf6ee188',
  version: [3, 0],
  operations: {
    NetrSessionEnum: operation(
      12,
      {
        server: TEXT,
        client: TEXT,
        user: TEXT,
        level: u32,
        sessions: SESSIONS,
        most: u32,
        resume: unique(u32),
      },
      { level: u32, sessions: SESSIONS, total: u32, resume: unique(u32), status: u32 },
    ),
    NetrSessionDel: operation(13, { server: TEXT, client: TEXT, user: TEXT }, { status: u32 }),
  },
});
