// node windows-hosts.mjs samba|fake PEOPLE…: Windows hosts in a process of their own, one for each number of people, until stdin
// ends. `samba` is Debian's smbd with the fake's services behind it, which needs root. Prints one line of JSON: where they
// are and who may sign in; and at the end another one: how many sessions were disconnected, and how many of them twice.
import { FakeWindowsHost, SambaHost } from '@slipline/terminal-sessions/testing';

const [kind, ...people] = process.argv.slice(2);
const user = { userName: 'opadmin', password: 'fake-password' };
const start = () =>
  kind === 'samba'
    ? SambaHost.start({ global: { 'server smb encrypt': 'required' } })
    : FakeWindowsHost.start({ users: [user] });

const hosts = [];
for (const count of people.map(Number)) {
  const host = await start();
  for (let place = 0; place < count; place += 1) host.desktops.logOn({ userName: `user${place}` });
  hosts.push(host);
}
const places = hosts.map(({ port }, place) => ({ name: `SERVER${place + 1}`, port }));
console.log(JSON.stringify({ hosts: places, user: hosts[0].user ?? user }));

process.stdin.resume().on('end', async () => {
  const changes = hosts.flatMap(({ desktops }, host) =>
    desktops.changes.map((change) => `${host} ${change}`),
  );
  for (const host of hosts) await host[Symbol.asyncDispose]();
  console.log(JSON.stringify({ changes: changes.length, twice: changes.length - new Set(changes).size }));
});
