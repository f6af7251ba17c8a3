// node http-load.mjs PORT KEY CONNECTIONS ROUNDS MILLISECONDS PATH…: asks for the paths in turns, one round each, over connections that stay open.
// Prints, for each path and round, the rate and the times within which 50 and 99 of 100 answers came, in milliseconds.
import { connect } from 'node:net';

const [port, key, connections, rounds, milliseconds, ...paths] = process.argv.slice(2);

const requestOf = (path) =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n\r\n`);

/** Asks again and again over one connection until `isOver`, and calls `answered` with the time that each answer took. */
function ask(path, isOver, answered) {
  const request = requestOf(path);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let missing = 0;
    let head = '';
    let start = 0;
    const next = () => {
      if (isOver()) return socket.end(resolve);
      start = performance.now();
      socket.write(request);
    };
    socket.on('connect', next).on('error', reject);
    socket.on('data', (chunk) => {
      let body = chunk.length;
      if (missing === 0) {
        head += chunk.toString('latin1');
        const end = head.indexOf('\r\n\r\n');
        if (end === -1) return;
        if (!head.startsWith('HTTP/1.1 200')) return reject(new Error(head.slice(0, 300)));
        body = head.length - end - 4;
        missing = Number(/content-length: (\d+)/i.exec(head)[1]);
        head = '';
      }
      missing -= body;
      if (missing > 0) return;
      answered(performance.now() - start);
      next();
    });
  });
}

async function round(path) {
  const times = [];
  const start = performance.now();
  const isOver = () => performance.now() - start > Number(milliseconds);
  const answered = (time) => void times.push(time);
  await Promise.all(Array.from({ length: Number(connections) }, () => ask(path, isOver, answered)));
  const rate = (1000 * times.length) / (performance.now() - start);
  times.sort((one, other) => one - other);
  const at = (part) => times[Math.floor(times.length * part)];
  return { rate, p50: at(0.5), p99: at(0.99) };
}

const results = paths.map((path) => ({ path, measured: [] }));
for (const { path } of results) await round(path);
for (let turn = 0; turn < Number(rounds); turn += 1)
  for (const { path, measured } of results) measured.push(await round(path));
console.log(JSON.stringify(results.map(({ measured }) => measured)));
