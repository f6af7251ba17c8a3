// node wsman-bare-delete.mjs FACTS: posts for each shell what ending it takes, by one kept connection to each service, in the clear:
// Get, Delete, Get. Prints shells per second and this process's memory.
import { bareClient, services } from './wsman.mjs';
import { get, remove } from './wsman-bodies.mjs';
import { tell } from './tell.mjs';

const count = services.reduce((sum, { shells }) => sum + shells.length, 0);
await tell(count, () =>
  Promise.all(
    services.map(async (service) => {
      const client = bareClient(service);
      for (const id of service.shells) {
        const answers = [];
        for (const body of [get(service, id), remove(service, id), get(service, id)])
          answers.push((await client.post(body)).status);
        if (answers.join() !== '200,200,500') throw new Error(`The answers are ${answers}.`);
      }
      client.close();
    }),
  ),
);
