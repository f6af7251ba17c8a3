// The service over fake systems in this process, and Chromium in front of it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLedger, Slipline, systemClock, type Session } from '@slipline/core';
import { openBench as openAppliance, type OneViewBench } from '@slipline/hpe-oneview/testing';
import { openBench as openFiles, type SmbSessionsBench } from '@slipline/smb-sessions/testing';
import { createAuthority, recordingLogger } from '@slipline/testkit';
import type { FastifyInstance } from 'fastify';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openServices } from '../open-services.ts';
import { makeWho, type Role } from '../security/who.ts';
import { buildServer, portOf } from '../server.ts';
import type { Services } from '../services.ts';
import { DEFAULT_LIMITS } from '../settings/limits.ts';
import { launch, newPage } from './browser.test.support.ts';

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly services: Services;
  readonly appliance: OneViewBench;
  readonly files: SmbSessionsBench;
  /** Another program with the same ledger, such as a command line. */
  readonly elsewhere: Slipline;
  /** The address that signs in once. */
  link(role?: Role): string;
  /** A window of a browser of its own. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A window that is signed in and shows the sessions. */
  enter(options?: BrowserContextOptions & { readonly role?: Role }): Promise<Page>;
  /** Own sessions on the appliance. */
  connect(count: number): Promise<readonly Session[]>;
  /** Watches the file server. */
  watchFiles(): Promise<void>;
  /** Stops listening and breaks every connection, as a service that is being restarted does. */
  goDown(): Promise<void>;
  comeBack(): Promise<void>;
}

export interface StageOptions {
  /** How many people use the file server. */
  readonly fileSessions?: number | undefined;
}

export async function openStage({ fileSessions = 3 }: StageOptions = {}): Promise<Stage> {
  const authority = await createAuthority();
  const appliance = await openAppliance({ authority });
  const files = await openFiles({ authority, sessions: people(fileSessions) });
  const benches = [appliance, files];
  const ledger = new MemoryLedger();
  const composed = (): Slipline =>
    new Slipline({
      providers: benches.map(({ plugin }) => plugin),
      ledger,
      network: {
        authorities: [authority.certificate],
        resolve: benches.flatMap(({ network }) => network.resolve ?? []),
      },
      log: recordingLogger(),
    });
  const slipline = composed();
  const elsewhere = composed();
  const folder = await mkdtemp(join(tmpdir(), 'slipline-page-'));
  const log = recordingLogger();
  const services = await openServices({ slipline, clock: systemClock, log, folder, isLab: true });
  await services.start();
  let app: FastifyInstance | undefined;
  const listen = async (port: number): Promise<number> => {
    app = await buildServer(services, {
      names: [],
      isLoopback: true,
      behindProxy: [],
      limits: DEFAULT_LIMITS,
    });
    await app.listen({ host: '127.0.0.1', port });
    return portOf(app);
  };
  const goDown = async (): Promise<void> => {
    const closing = app?.close();
    app?.server.closeAllConnections();
    await closing;
  };
  const port = await listen(0);
  const url = `http://127.0.0.1:${port}/`;
  const browser = await launch();
  const link = (role: Role = 'operator'): string =>
    `${url}#sign-in=${services.signInTokens.issue(makeWho(`olga-${role}`, role, ['*']))}`;
  const open = (options?: BrowserContextOptions): Promise<Page> => newPage(browser, options);

  return {
    url,
    services,
    appliance,
    files,
    elsewhere,
    link,
    open,
    enter: async ({ role, ...options } = {}) => {
      const page = await open(options);
      await page.goto(link(role));
      await page.getByRole('heading', { name: 'Sessions', exact: true }).waitFor();
      return page;
    },
    connect: async (count) => {
      const opened: Session[] = [];
      for (let made = 0; made < count; made++) opened.push((await appliance.open(slipline)).session);
      return opened;
    },
    watchFiles: async () => {
      const { computerName, userName, password } = files.connectValues();
      const values = { computerName: [computerName], userName, password: password.reveal() };
      await services.watches.add({ provider: 'smb-sessions', values, every: 2 }, 'olga-operator');
    },
    goDown,
    comeBack: async () => void (await listen(port)),
    [Symbol.asyncDispose]: async () => {
      await browser.close();
      await goDown();
      await services[Symbol.asyncDispose]();
      for (const one of [slipline, elsewhere, appliance, files]) await one[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const MINUTE = 60_000;

function people(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    user: `person${String(index).padStart(4, '0')}`,
    client: `192.0.2.${index % 250}`,
    opens: index % 7,
    begun: (index + 2) * 5 * MINUTE,
    lastUsed: (index % 90) * MINUTE,
  }));
}
