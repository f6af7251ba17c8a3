import type { AnyPlugin, ParameterTable } from '@slipline/core';
import type { Command } from './command.ts';

/** Every command, in the order of the help, imported when it is needed. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  connect: async () => (await import('./commands/connect.ts')).connect,
  ls: async () => (await import('./commands/ls.ts')).ls,
  disconnect: async () => (await import('./commands/disconnect.ts')).disconnect,
  apply: async () => (await import('./commands/apply.ts')).apply,
  run: async () => (await import('./commands/run.ts')).run,
  cleanup: async () => (await import('./commands/cleanup.ts')).cleanup,
  access: async () => (await import('./commands/access.ts')).access,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  history: async () => (await import('./commands/history.ts')).history,
  providers: async () => (await import('./commands/providers.ts')).providers,
  plugins: async () => (await import('./commands/plugins.ts')).plugins,
  trust: async () => (await import('./commands/trust.ts')).trust,
  lab: async () => (await import('./commands/lab.ts')).lab,
  completion: async () => (await import('./commands/completion.ts')).completion,
};

/** The parameters that a provider adds to a command. */
export function providerTable(command: Command, plugin: AnyPlugin): ParameterTable {
  switch (command.provider) {
    case undefined:
      return {};
    case 'connect':
      return plugin.connect ?? {};
    case 'find':
      return plugin.find;
    case 'disconnect':
      return Object.fromEntries(
        Object.entries(plugin.find).filter(([, parameter]) => parameter.listing !== true),
      );
    default:
      return command.provider satisfies never;
  }
}
