// node http-service.mjs DIST [AUTHORITY_FILE]: the service of apps/http, as built in DIST, over the ledger of SLIPLINE_HOME, with one route more:
// `/static` answers what `/v1/sessions?limit=100` answers, as fixed bytes behind the same plugins. Ends with stdin.
// Prints one line of JSON: its port, and a key of each of ten users.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, authorityFile] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { resolve } = createRequire(join(dist, '../package.json'));
const installed = (name) => import(pathToFileURL(resolve(name)).href);

const { buildServer } = await load('server.js');
const { openServices } = await load('open-services.js');
const { createLog } = await load('operations/log.js');
const { DEFAULT_LIMITS } = await load('settings/limits.js');
const { Slipline, systemClock } = await installed('@slipline/core');
const { openLedger } = await installed('@slipline/ledger');
const { hpeOneView } = await installed('@slipline/hpe-oneview');
const { pino } = await installed('pino');

const log = createLog('info', pino.destination({ dest: '/dev/null', sync: false }));
const authorities = authorityFile === undefined ? [] : [readFileSync(authorityFile, 'utf8')];
const slipline = new Slipline({
  providers: [hpeOneView()],
  ledger: () => openLedger({ onNotice: () => undefined }),
  network: { authorities },
  log,
});
const folder = join(process.env.SLIPLINE_HOME, 'state/http');
const services = await openServices({ slipline, clock: systemClock, log, folder });
const many = 1_000_000_000;
const app = await buildServer(services, {
  names: [],
  isLoopback: true,
  behindProxy: [],
  limits: { ...DEFAULT_LIMITS, requestsPerAddress: many, requestsPerUser: many, connections: 4000 },
});
let bytes = '';
app.route({
  method: 'GET',
  url: '/static',
  schema: { response: { 200: { type: 'object', additionalProperties: true } } },
  config: { allows: ['viewer', 'operator', 'auditor'] },
  handler: async (_request, reply) => reply.type('application/json; charset=utf-8').send(bytes),
});
await services.start();
const everything = { user: 'olga', role: 'operator', scopes: ['*'], sees: () => true };
bytes = services.roster.page({ limit: 100, sort: '-openedAt' }, everything);
const keys = [];
for (let user = 1; user <= 10; user += 1)
  keys.push((await services.keys.create({ user: `user${user}`, role: 'operator', scopes: ['*'] })).key);
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ port: app.server.address().port, keys }));

process.stdin.resume().on('end', async () => {
  await services[Symbol.asyncDispose]();
  await app.close();
  await slipline[Symbol.asyncDispose]();
  process.exit();
});
