// node winrm.mjs ENDPOINTS SHELLS: fake WinRM services in a process of their own, until stdin ends, each with so many shells of somebody
// else. Prints one line of JSON: who may sign in, and of each service its port and the ids of its shells.
import { FakeWinrm, RESOURCES } from '@slipline/wsman/testing';

const [endpoints, shells] = process.argv.slice(2).map(Number);
const user = { userName: 'Administrator', domain: 'CORP', password: 'fake-password', isAdministrator: true };
const services = await Promise.all(
  Array.from({ length: endpoints }, () =>
    FakeWinrm.start({
      users: [user],
      // For the baseline, which signs in with each request and encrypts nothing.
      authentication: { basic: true },
      allowUnencrypted: true,
      recordLimit: 0,
    }),
  ),
);
const open = (service) => () => service.openShell({ owner: 'CORP\\jdoe', resourceUri: RESOURCES.cmd }).id;
const facts = services.map((service) => ({
  port: service.httpPort,
  shells: Array.from({ length: shells }, open(service)),
}));
console.log(JSON.stringify({ user: 'CORP\\Administrator', password: user.password, services: facts }));

process.stdin.resume().on('end', () => services.forEach((service) => void service.stop()));
