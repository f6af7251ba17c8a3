import type { ComponentChildren, JSX } from 'preact';

/** Names and what they have; what has nothing is left out. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [string, ComponentChildren])[];
}): JSX.Element | null {
  const told = facts.filter(([, value]) => value !== undefined && value !== '');
  if (told.length === 0) return null;
  return (
    <dl class="facts">
      {told.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
