// Every figure, by the name it is asked for.
import { clouds } from './figures/clouds.mjs';
import { desktops } from './figures/desktops.mjs';
import { disconnects } from './figures/disconnects.mjs';
import { http } from './figures/http.mjs';
import { leaving } from './figures/leaving.mjs';
import { ledger } from './figures/ledger.mjs';
import { cmdlet, ls, version } from './figures/processes.mjs';
import { size } from './figures/size.mjs';
import { wsman } from './figures/wsman.mjs';

export const FIGURES = {
  version,
  ls,
  cmdlet,
  ledger,
  disconnects,
  leaving,
  clouds,
  size,
  desktops,
  wsman,
  http,
};
