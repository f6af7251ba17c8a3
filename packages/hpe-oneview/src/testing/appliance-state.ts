import { FaultPlan } from '@slipline/fake-http';
import type { Fault } from './faults.ts';
import type { RecordedRequest } from './recorded-request.ts';
import { SessionStore } from './session-store.ts';
import { changeSettings, CURRENT_SETTINGS, type Settings, type SettingsChange } from './settings.ts';

/** What the appliance is at this moment, as its routes see it. */
export class ApplianceState {
  readonly sessions: SessionStore;
  readonly faults = new FaultPlan<RecordedRequest, Fault>();
  /** Whether client certificates can log in. */
  readonly hasSmartCards: boolean;
  #settings: Settings;

  constructor(now: () => number, change: SettingsChange, hasSmartCards: boolean) {
    this.sessions = new SessionStore(now);
    this.hasSmartCards = hasSmartCards;
    this.#settings = changeSettings(CURRENT_SETTINGS, change);
  }

  get settings(): Settings {
    return this.#settings;
  }

  configure(change: SettingsChange): void {
    this.#settings = changeSettings(this.#settings, change);
  }
}
