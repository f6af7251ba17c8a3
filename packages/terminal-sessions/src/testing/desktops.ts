/** MS-TSTS 2.2.1.9 WINSTATIONSTATECLASS. */
export const STATES = [
  'Active',
  'Connected',
  'ConnectQuery',
  'Shadow',
  'Disconnected',
  'Idle',
  'Listen',
  'Reset',
  'Down',
  'Init',
] as const;
export type DesktopState = (typeof STATES)[number];

/** MS-TSTS 3.1.1: what somebody may do to a session that is not their own. */
export type Right = 'query' | 'disconnect' | 'logoff' | 'message';

interface DesktopClient {
  readonly name: string;
  readonly address: string;
}

/** A message box that was shown, and how it was answered. */
interface ShownMessage {
  readonly title: string;
  readonly text: string;
  readonly style: number;
  readonly timeout: number;
}

/** One session of the host. Times are FILETIMEs, 0 for never. */
export interface Desktop {
  readonly id: number;
  station: string;
  state: DesktopState;
  readonly userName: string;
  readonly domain: string;
  readonly client: DesktopClient | undefined;
  isLocked: boolean;
  readonly logonTime: bigint;
  connectTime: bigint;
  disconnectTime: bigint;
  lastInputTime: bigint;
  readonly messages: ShownMessage[];
  /** The button that is pressed; nobody answers when absent. */
  answer: number | undefined;
}

export interface NewDesktop {
  readonly userName: string;
  readonly domain?: string | undefined;
  readonly id?: number | undefined;
  readonly client?: DesktopClient | undefined;
  /** Milliseconds ago. */
  readonly loggedOn?: number | undefined;
  readonly lastInput?: number | undefined;
  /** Since the last input. */
  readonly isDisconnected?: boolean | undefined;
}

/** The FILETIME of a time in milliseconds since 1970. */
function filetime(milliseconds: number): bigint {
  return BigInt(milliseconds) * 10_000n + 116_444_736_000_000_000n;
}

const FIRST_ID = 2;
const LISTENER = 65_536;

/** The sessions of one host, and who may do what to them. */
export class Desktops {
  readonly #desktops = new Map<number, Desktop>();
  readonly #rights = new Map<string, ReadonlySet<Right>>();
  readonly #now: () => number;
  #stations = 0;
  /** Calls that change a session are answered with success, and change nothing. */
  lies = false;
  /** How often a session is read before a change of it shows. */
  settlesAfter = 0;
  /** Changes that were carried out: `disconnect 3`, `logoff 3`, `message 3`. */
  readonly changes: string[] = [];
  /** Changes that were asked for, whatever came of them. */
  changeRequests = 0;
  readonly #pending = new Map<number, { left: number; readonly change: () => void }>();

  constructor(now: () => number) {
    this.#now = now;
    this.#add({ id: 0, station: 'Services', state: 'Disconnected' });
    this.#add({ id: 1, station: 'Console', state: 'Connected' });
    this.#add({ id: LISTENER, station: 'RDP-Tcp', state: 'Listen' });
  }

  all(): readonly Desktop[] {
    return [...this.#desktops.values()].sort((one, other) => one.id - other.id);
  }

  /** Those of people. */
  ofPeople(): readonly Desktop[] {
    return this.all().filter(({ userName }) => userName !== '');
  }

  get(id: number): Desktop | undefined {
    return this.#desktops.get(id);
  }

  /** Like `get`, but time passes for what has been asked of it. */
  read(id: number): Desktop | undefined {
    const pending = this.#pending.get(id);
    if (pending !== undefined && pending.left-- <= 0) {
      this.#pending.delete(id);
      pending.change();
    }
    return this.#desktops.get(id);
  }

  /** Somebody logs on, with the lowest id that is free unless one is given. */
  logOn(wanted: NewDesktop): Desktop {
    const { userName, domain = 'DOMAIN', id, client, isDisconnected = false } = wanted;
    const { loggedOn = 7_200_000, lastInput = 65_000 } = wanted;
    const now = this.#now();
    return this.#add({
      id: id ?? this.#freeId(),
      station: isDisconnected ? '' : `RDP-Tcp#${this.#stations++}`,
      state: isDisconnected ? 'Disconnected' : 'Active',
      userName,
      domain,
      client: client ?? { name: 'LAPTOP-01', address: '192.0.2.22' },
      logonTime: filetime(now - loggedOn),
      connectTime: filetime(now - loggedOn),
      disconnectTime: isDisconnected ? filetime(now - lastInput) : 0n,
      lastInputTime: filetime(now - lastInput),
    });
  }

  /** What happens when the client goes, whoever sees to it. */
  disconnect(id: number): void {
    const desktop = this.#desktops.get(id);
    if (desktop === undefined) return;
    desktop.state = 'Disconnected';
    desktop.station = '';
    desktop.disconnectTime = filetime(this.#now());
  }

  logOff(id: number): void {
    this.#desktops.delete(id);
    this.#pending.delete(id);
  }

  /** What is asked through the wire: done, unless this host lies, and shown when it has settled. */
  ask(what: 'disconnect' | 'logoff', id: number): void {
    if (this.lies) return;
    this.changes.push(`${what} ${id}`);
    const change = (): void => (what === 'disconnect' ? this.disconnect(id) : this.logOff(id));
    if (this.settlesAfter === 0) change();
    else this.#pending.set(id, { left: this.settlesAfter, change });
  }

  /** From now on this user may do just that; somebody never named may do everything. */
  grant(userName: string, ...rights: readonly Right[]): void {
    this.#rights.set(userName.toLowerCase(), new Set(rights));
  }

  may(userName: string, right: Right, desktop: Desktop): boolean {
    const own = desktop.userName.toLowerCase() === userName.toLowerCase();
    if (own && right !== 'message') return true;
    return this.#rights.get(userName.toLowerCase())?.has(right) ?? true;
  }

  #freeId(): number {
    let id = FIRST_ID;
    while (this.#desktops.has(id)) id++;
    return id;
  }

  #add(values: Partial<Desktop> & Pick<Desktop, 'id' | 'station' | 'state'>): Desktop {
    const desktop: Desktop = {
      userName: '',
      domain: '',
      client: undefined,
      isLocked: false,
      logonTime: 0n,
      connectTime: 0n,
      disconnectTime: 0n,
      lastInputTime: 0n,
      messages: [],
      answer: undefined,
      ...values,
    };
    this.#desktops.set(desktop.id, desktop);
    return desktop;
  }
}
