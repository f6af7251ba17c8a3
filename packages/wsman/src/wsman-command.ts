import { randomUUID } from 'node:crypto';
import { DisconnectError } from '@slipline/core';
import type { WsmanClient } from './wsman-client.ts';
import { faultOf } from './wsman-errors.ts';
import { FAULT } from './wsman-fault.ts';
import { ACTION, NS, RESOURCE } from './wsman-namespaces.ts';
import { deleteShell, listShells } from './wsman-shells.ts';
import { escapeXml } from './wsman-soap.ts';
import { childOf, childrenOf, textOf, type XmlElement } from './wsman-xml.ts';

export interface CommandLine {
  readonly program: string;
  readonly arguments?: readonly string[] | undefined;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** Bytes of output that are kept before the command is ended. */
const LARGEST_OUTPUT = 16 * 1024 * 1024;
/** Milliseconds to end a shell of ours when the caller's time is over. */
const LAST_TRY = 10_000;

/**
 * Runs one command in a shell of its own (MS-WSMV 3.1.4.11 to 14). The shell is ended whatever happens; one whose creation was
 * interrupted is found again by its name.
 */
export async function runCommand(
  client: WsmanClient,
  command: CommandLine,
  signal: AbortSignal,
): Promise<CommandResult> {
  const shell = new TextShell(client);
  try {
    await shell.create(signal);
    return await shell.run(command, signal);
  } finally {
    await shell.end();
  }
}

class TextShell {
  readonly #client: WsmanClient;
  /** Services let nobody choose the id of a text shell, only its name. */
  readonly #name = `slipline-${randomUUID()}`;
  #id = '';
  #mayExist = false;

  constructor(client: WsmanClient) {
    this.#client = client;
  }

  async create(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#mayExist = true;
    const body =
      `<rsp:Shell Name="${this.#name}"><rsp:InputStreams>stdin</rsp:InputStreams>` +
      '<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>';
    const options = { WINRS_NOPROFILE: 'FALSE', WINRS_CODEPAGE: '65001' };
    try {
      const created = await this.#client.invoke(
        { action: ACTION.create, resourceUri: RESOURCE.cmd, options, body },
        signal,
      );
      const id = idOf(created);
      if (id === undefined) throw unreadable('the new shell was given no id');
      this.#id = id;
    } catch (error) {
      // A fault says that there is no shell, such as one beyond a quota.
      if (faultOf(error) !== undefined) this.#mayExist = false;
      throw error;
    }
  }

  async run({ program, arguments: list = [] }: CommandLine, signal: AbortSignal): Promise<CommandResult> {
    const parts = list.map((argument) => `<rsp:Arguments>${escapeXml(argument)}</rsp:Arguments>`);
    const started = await this.#invoke(
      ACTION.command,
      `<rsp:CommandLine><rsp:Command>${escapeXml(program)}</rsp:Command>${parts.join('')}</rsp:CommandLine>`,
      signal,
      { WINRS_CONSOLEMODE_STDIN: 'TRUE' },
    );
    const commandId = textOf(started, NS.rsp, 'CommandId');
    if (commandId === undefined) throw unreadable('the command was given no id');
    const output = new Output();
    while (!output.isDone) output.add(await this.#receive(commandId, signal));
    // The service counts a command of a text shell until it is told that nobody waits for it (MS-WSMV 3.1.4.14).
    const code = `<rsp:Code>${NS.rsp}/signal/terminate</rsp:Code>`;
    await this.#invoke(
      ACTION.signal,
      `<rsp:Signal CommandId="${escapeXml(commandId)}">${code}</rsp:Signal>`,
      signal,
    ).catch(() => undefined);
    return output.result();
  }

  /** By its own time, since the caller's may be over. */
  async end(): Promise<void> {
    if (this.#mayExist) await this.#end(AbortSignal.timeout(LAST_TRY)).catch(() => undefined);
  }

  async #end(signal: AbortSignal): Promise<void> {
    const ids =
      this.#id === ''
        ? (await listShells(this.#client, signal))
            .filter(({ name }) => name === this.#name)
            .map(({ id }) => id)
        : [this.#id];
    for (const id of ids) await deleteShell(this.#client, { id, resourceUri: RESOURCE.cmd }, signal);
  }

  async #receive(commandId: string, signal: AbortSignal): Promise<XmlElement | undefined> {
    const body = `<rsp:Receive><rsp:DesiredStream CommandId="${escapeXml(commandId)}">stdout stderr</rsp:DesiredStream></rsp:Receive>`;
    try {
      return await this.#invoke(ACTION.receive, body, signal, { WSMAN_CMDSHELL_OPTION_KEEPALIVE: 'True' });
    } catch (error) {
      // Nothing yet: the command runs on.
      if (faultOf(error)?.code === FAULT.timedOut) return undefined;
      throw error;
    }
  }

  #invoke(
    action: string,
    body: string,
    signal: AbortSignal,
    options?: Readonly<Record<string, string>>,
  ): Promise<XmlElement | undefined> {
    const selectors = { ShellId: this.#id };
    return this.#client.invoke({ action, resourceUri: RESOURCE.cmd, selectors, options, body }, signal);
  }
}

/** What a command has said so far. */
class Output {
  readonly #streams = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  #size = 0;
  #exitCode = 0;
  #isDone = false;

  get isDone(): boolean {
    return this.#isDone;
  }

  add(response: XmlElement | undefined): void {
    if (response === undefined) return;
    for (const stream of childrenOf(response, NS.rsp, 'Stream')) {
      const chunk = Buffer.from(stream.text, 'base64');
      this.#size += chunk.length;
      if (this.#size > LARGEST_OUTPUT) throw unreadable('the command says more than this client keeps');
      this.#streams[stream.attributes['Name'] === 'stderr' ? 'stderr' : 'stdout'].push(chunk);
    }
    const state = childOf(response, NS.rsp, 'CommandState');
    if (state?.attributes['State']?.endsWith('/CommandState/Done') !== true) return;
    this.#isDone = true;
    const code = textOf(state, NS.rsp, 'ExitCode') ?? '';
    this.#exitCode = /^-?\d{1,10}$/.test(code) ? Number(code) : 0;
  }

  result(): CommandResult {
    const { stdout, stderr } = this.#streams;
    return {
      exitCode: this.#exitCode,
      output: Buffer.concat(stdout).toString('utf8'),
      errors: Buffer.concat(stderr).toString('utf8'),
    };
  }
}

/** Where the service keeps to an id of its own, its answer says so. */
function idOf(created: XmlElement | undefined): string | undefined {
  if (created === undefined) return undefined;
  const selector = [created, ...descendants(created)].find(
    ({ namespace, name, attributes }) =>
      namespace === NS.w && name === 'Selector' && attributes['Name'] === 'ShellId',
  );
  return selector?.text.trim() || textOf(created, NS.rsp, 'ShellId');
}

function descendants(element: XmlElement): readonly XmlElement[] {
  return element.children.flatMap((child) => [child, ...descendants(child)]);
}

function unreadable(what: string): DisconnectError {
  return new DisconnectError('protocol', what, { next: 'look at the computer itself' });
}
