import type { JsonObject, JsonValue } from './json.ts';
import type { RecordField } from './provider.ts';
import type { Session } from './session.ts';

/** A session as the system's own cmdlet prints it: `null` where a value is missing. */
export function recordOf(record: readonly RecordField[], session: Session): JsonObject {
  const fields = session as unknown as Readonly<Record<string, JsonValue | undefined>>;
  return Object.fromEntries(
    record.map(({ name, from }) => {
      const [, key] = /^details\.(.+)$/.exec(from) ?? [];
      return [name, (key === undefined ? fields[from] : session.details[key]) ?? null];
    }),
  );
}
