// node connect-many.mjs FACTS AT_ONCE COUNT: opens that many sessions on the appliance, into the ledger of SLIPLINE_HOME.
import { Secret } from '@slipline/core';
import { appliance, forEach, newSlipline } from './slipline.mjs';

const slipline = newSlipline();
const { endpoint, user } = appliance;
const values = { appliance: endpoint, userName: user.userName, password: new Secret(user.password) };
await forEach(Number(process.argv[4]), () => slipline.connect('hpe-oneview', values));
await slipline[Symbol.asyncDispose]();
console.log('true');
