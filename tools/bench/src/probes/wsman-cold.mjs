// node wsman-cold.mjs FACTS: connects to a service, which is a sign-in and an Identify, and disconnects.
import { connect, newSlipline, services } from './wsman.mjs';

const slipline = newSlipline();
const session = await connect(slipline, services[0]);
const plan = await slipline.plan({ provider: 'wsman', selector: { computerName: [session.endpoint] } });
const { outcomes } = await slipline.apply(plan);
if (outcomes[0]?.status !== 'disconnected') throw new Error('It is not disconnected.');
await slipline[Symbol.asyncDispose]();
