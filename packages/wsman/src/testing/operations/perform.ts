import type { Operation } from '../namespaces.ts';
import { WsmanFault } from '../wsman-faults.ts';
import type { Call } from './call.ts';
import { enumerate, pull, release } from './enumeration.ts';
import { command, disconnect, receive, reconnect, send, signal } from './shell-operations.ts';
import { create, get, remove } from './transfer.ts';

const unsupported = (): never => {
  throw new WsmanFault('ACTION_NOT_SUPPORTED');
};

const OPERATIONS: Readonly<Record<Exclude<Operation, 'Identify'>, (call: Call) => string>> = {
  Get: get,
  Put: unsupported,
  Create: create,
  Delete: remove,
  Enumerate: enumerate,
  Pull: pull,
  Release: release,
  Command: command,
  Receive: receive,
  Send: send,
  Signal: signal,
  // A shell of another client session can be taken over with a PSRP handshake only, which this fake does not have.
  Connect: unsupported,
  Disconnect: disconnect,
  Reconnect: reconnect,
};

/** Carries a request out and gives the body of its reply; throws `WsmanFault`. */
export function perform(operation: Exclude<Operation, 'Identify'>, call: Call): string {
  if (call.user.isDenied === true) throw new WsmanFault('ACCESS_DENIED');
  return OPERATIONS[operation](call);
}
