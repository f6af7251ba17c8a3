import { FaultPlan } from '@slipline/fake-http';
import type { CommandRunner } from './command-runner.ts';
import { Enumerations } from './enumerations.ts';
import type { Fault } from './faults.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { changeSettings, initialSettings, type Settings, type SettingsChange } from './settings.ts';
import { ShellStore } from './shell-store.ts';

/** What the service is at this moment, as its operations see it. */
export class ServiceState {
  readonly shells: ShellStore;
  readonly enumerations: Enumerations;
  readonly faults = new FaultPlan<RecordedRequest, Fault>();
  readonly now: () => number;
  #settings: Settings;

  constructor(now: () => number, run: CommandRunner, change: SettingsChange) {
    this.now = now;
    this.#settings = initialSettings(run, change);
    this.shells = new ShellStore(now, () => this.#settings);
    this.enumerations = new Enumerations(now, () => this.#settings.enumerationTimeout);
  }

  get settings(): Settings {
    return this.#settings;
  }

  configure(change: SettingsChange): void {
    this.#settings = changeSettings(this.#settings, change);
  }
}
