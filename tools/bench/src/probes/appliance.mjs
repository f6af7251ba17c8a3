// node appliance.mjs COUNT: a fake OneView appliance in a process of its own, until stdin ends. Prints one line of JSON: its endpoint,
// the authority of its certificate, who may log in, and the tokens of COUNT sessions that are open already.
import { FakeAppliance } from '@slipline/hpe-oneview/testing';
import { createAuthority } from '@slipline/testkit';

const user = { userName: 'Administrator', password: 'fake-password' };
const authority = await createAuthority();
const appliance = await FakeAppliance.start({
  certificate: await authority.issue({ commonName: 'appliance', names: ['127.0.0.1'] }),
  users: [user],
  limits: { appliance: 1_000_000, client: 1_000_000 },
  recordLimit: 0,
});
const sessions = Array.from({ length: Number(process.argv[2]) }, () => appliance.openSession(user));
const facts = { endpoint: appliance.endpoint, authority: authority.certificate, user };
console.log(JSON.stringify({ ...facts, tokens: sessions.map(({ token }) => token) }));

process.stdin.resume().on('end', () => void appliance.stop());
