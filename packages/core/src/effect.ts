/**
 * What a disconnect does. A set, not a ladder: `revoke` is wider than `end`, not a stronger form of it.
 *
 * - `forget`: only local state goes.
 * - `detach`: the person's session lives on, unattached.
 * - `end`: the server ended this session.
 * - `revoke`: the identity system refuses what was issued to this person or app, here and elsewhere.
 */
export const EFFECTS = ['forget', 'detach', 'end', 'revoke'] as const;

export type Effect = (typeof EFFECTS)[number];

export function isEffect(value: unknown): value is Effect {
  return EFFECTS.includes(value as Effect);
}
