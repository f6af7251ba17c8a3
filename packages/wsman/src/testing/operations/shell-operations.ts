import { randomUUID } from 'node:crypto';
import { NAMESPACES, RESOURCES } from '../namespaces.ts';
import type { Shell, ShellCommand } from '../shell-store.ts';
import { WsmanFault } from '../wsman-faults.ts';
import { child, type XmlElement } from '../xml.ts';
import { shellOf, type Call } from './call.ts';
import { idleTimeout } from './transfer.ts';

export function command(call: Call): string {
  const shell = connectedShell(call);
  const { request, state } = call;
  const line = request.body;
  const program = child(line, NAMESPACES.rsp, 'Command')?.text;
  if (line?.name !== 'CommandLine' || program === undefined) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  checkOperations(call, shell.owner);
  const given = line.children.filter(({ name }) => name === 'Arguments').map(({ text }) => text);
  const { owner, environment, workingDirectory } = shell;
  const { computerName } = state.settings;
  const result = state.settings.run({
    command: program,
    arguments: given,
    owner,
    computerName,
    environment,
    workingDirectory,
  });
  const id = line.attributes.get('CommandId') ?? randomUUID().toUpperCase();
  state.shells.addCommand(shell.id, { id, line: [program, ...given].join(' '), result, isReceived: false });
  state.shells.use(shell.id);
  return `<rsp:CommandResponse><rsp:CommandId>${id}</rsp:CommandId></rsp:CommandResponse>`;
}

/** Output of a command that has ended; while it runs, the fault that says so, as when OperationTimeout is over. */
export function receive(call: Call): string {
  const shell = connectedShell(call);
  const stream = child(call.request.body, NAMESPACES.rsp, 'DesiredStream');
  const running = commandOf(shell, stream);
  call.state.shells.use(shell.id);
  const { result, id, isReceived } = running;
  if (result === undefined) throw new WsmanFault('OPERATION_TIMEDOUT');
  running.isReceived = true;
  const wanted = stream?.text.trim().split(/\s+/) ?? [];
  const streams = (['stdout', 'stderr'] as const)
    .filter((name) => wanted.includes(name))
    .map((name) => {
      const data = isReceived ? '' : Buffer.from(result[name] ?? '').toString('base64');
      const start = `<rsp:Stream Name="${name}" CommandId="${id}"`;
      return `${data === '' ? '' : `${start}>${data}</rsp:Stream>`}${start} End="true"/>`;
    });
  return (
    `<rsp:ReceiveResponse>${streams.join('')}<rsp:CommandState CommandId="${id}" ` +
    `State="${NAMESPACES.rsp}/CommandState/Done"><rsp:ExitCode>${result.exitCode}</rsp:ExitCode>` +
    `</rsp:CommandState></rsp:ReceiveResponse>`
  );
}

/** Input is taken and forgotten. */
export function send(call: Call): string {
  const shell = connectedShell(call);
  commandOf(shell, child(call.request.body, NAMESPACES.rsp, 'Stream'));
  call.state.shells.use(shell.id);
  return '<rsp:SendResponse/>';
}

const CODES = ['terminate', 'ctrl_c', 'ctrl_break'].map((name) => `${NAMESPACES.rsp}/signal/${name}`);
const POWERSHELL_CODE = 'powershell/signal/crtl_c';

export function signal(call: Call): string {
  const shell = connectedShell(call);
  const { body } = call.request;
  const { id } = commandOf(shell, body);
  const code = child(body, NAMESPACES.rsp, 'Code')?.text.trim() ?? '';
  if (!CODES.includes(code) && code !== POWERSHELL_CODE) throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  call.state.shells.use(shell.id);
  call.state.shells.removeCommand(shell.id, id);
  return '<rsp:SignalResponse/>';
}

/** MS-WSMV 3.1.4.15: a custom shell whose id its client chose, and which is connected. */
export function disconnect(call: Call): string {
  const shell = shellOf(call);
  const { request, state } = call;
  const ask = request.body;
  if (ask?.name !== 'Disconnect') throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  if (shell.resourceUri === RESOURCES.cmd || !shell.hasClientId)
    throw new WsmanFault('SHELL_DISCONNECT_NOT_SUPPORTED');
  if (state.settings.disconnectNeedsOwnSession && shell.sessionId !== request.sessionId)
    throw new WsmanFault('SHELL_CLIENTSESSIONID_MISMATCH');
  if (shell.state === 'Disconnected') throw new WsmanFault('SHELL_DISCONNECT_OPERATION_NOT_VALID');
  const mode = child(ask, NAMESPACES.rsp, 'BufferMode')?.text.trim() ?? shell.bufferMode;
  if (mode !== 'Block' && mode !== 'Drop') throw new WsmanFault('SCHEMA_VALIDATION_ERROR');
  const asked = child(ask, NAMESPACES.rsp, 'IdleTimeOut') ?? child(ask, NAMESPACES.rsp, 'IdleTimeout');
  state.shells.use(shell.id, {
    state: 'Disconnected',
    bufferMode: mode,
    idleTimeout: asked === undefined ? shell.idleTimeout : idleTimeout(call, asked.text.trim()),
  });
  return '';
}

/** MS-WSMV 3.1.4.16: for the client session that created the shell. */
export function reconnect(call: Call): string {
  const shell = shellOf(call);
  const { sessionId } = call.request;
  const isOwn = sessionId !== undefined && shell.sessionId === sessionId;
  if (!isOwn && shell.state === 'Connected') throw new WsmanFault('SHELL_CONNECTED_TO_DIFFERENT_CLIENT');
  if (!isOwn) throw new WsmanFault('SHELL_CLIENTSESSIONID_MISMATCH');
  call.state.shells.use(shell.id, { state: 'Connected' });
  return '';
}

function connectedShell(call: Call): Shell {
  const shell = shellOf(call);
  if (shell.state === 'Disconnected') throw new WsmanFault('SHELL_DISCONNECTED');
  return shell;
}

/** The command that an element names, or the only one where clients leave its id out. */
function commandOf(shell: Shell, element: XmlElement | undefined): ShellCommand {
  const id = element?.attributes.get('CommandId');
  const found = id === undefined ? [...shell.commands.values()][0] : shell.commands.get(id);
  if (found === undefined)
    throw new WsmanFault('UNEXPECTED_SELECTORS', 'The command was not found on the server.');
  return found;
}

/** A command is an operation until it is signalled, also when it has ended. */
function checkOperations({ state }: Call, owner: string): void {
  const { maxConcurrentOperationsPerUser: most } = state.settings;
  const used = state.shells
    .all()
    .filter((shell) => shell.owner === owner)
    .reduce((sum, { commands }) => sum + commands.size, 0);
  if (used >= most) throw new WsmanFault('QUOTA_MAX_OPERATIONS');
}
