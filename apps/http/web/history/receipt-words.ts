import type { Receipt } from '../api/types.ts';
import { EFFECT_NAMES } from '../text/words.ts';

/** `Disconnect · End`, `Action · message`. */
export function whatWords({ kind, effect, action }: Receipt): string {
  const name = kind === 'act' ? 'Action' : kind.charAt(0).toUpperCase() + kind.slice(1);
  const which = effect === undefined ? action : EFFECT_NAMES[effect];
  return which === undefined ? name : `${name} · ${which}`;
}
