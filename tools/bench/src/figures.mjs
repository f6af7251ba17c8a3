// Every figure, by the name it is asked for.
import { desktops } from './figures/desktops.mjs';
import { disconnects } from './figures/disconnects.mjs';
import { ledger } from './figures/ledger.mjs';
import { ls, version } from './figures/processes.mjs';
import { size } from './figures/size.mjs';
import { wsman } from './figures/wsman.mjs';

export const FIGURES = { version, ls, ledger, disconnects, desktops, wsman, size };
