/** What a client asks a shell to run. */
export interface CommandRequest {
  readonly command: string;
  readonly arguments: readonly string[];
  /** `DOMAIN\user`. */
  readonly owner: string;
  readonly computerName: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly workingDirectory: string | undefined;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout?: string | undefined;
  readonly stderr?: string | undefined;
}

/** What a command leads to; nothing where it runs until it is ended. */
export type CommandRunner = (request: CommandRequest) => CommandResult | undefined;

/** `echo`, `hostname`, `whoami`, `exit` and `pause`, with `cmd /c` before them or not. */
export const simpleCommands: CommandRunner = ({ command, arguments: given, owner, computerName }) => {
  const words = [command, ...given].join(' ').trim().split(/\s+/);
  const isShell = /^cmd(\.exe)?$/i.test(words[0] ?? '') && /^\/c$/i.test(words[1] ?? '');
  const [name = '', ...rest] = isShell ? words.slice(2) : words;
  const line = (text: string): CommandResult => ({ exitCode: 0, stdout: `${text}\r\n` });
  switch (name.toLowerCase()) {
    case 'echo':
      return line(rest.join(' '));
    case 'hostname':
      return line(computerName);
    case 'whoami':
      return line(owner.toLowerCase());
    case 'exit':
      return { exitCode: Number(rest[0] ?? 0) };
    case 'pause':
      return undefined;
    default:
      return {
        exitCode: 1,
        stderr: `'${name}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`,
      };
  }
};
