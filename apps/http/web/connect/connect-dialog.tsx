import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ListedSession } from '../api/types.ts';
import { ParameterForm } from '../forms/parameter-form.tsx';
import { usePage } from '../page.ts';
import { change } from '../sessions/board.ts';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/select-field.tsx';

export function ConnectDialog({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const { api, board, providers, say } = usePage();
  const connectable = providers.filter(({ connect }) => connect !== undefined);
  const [id, setId] = useState(connectable[0]?.id ?? '');
  const provider = connectable.find((one) => one.id === id);
  return (
    <Dialog title="Connect" onClose={onClose}>
      <div class="dialog-choice">
        <SelectField
          label="Provider"
          value={id}
          choices={connectable.map((one) => [one.id, one.title] as const)}
          onChoose={setId}
        />
      </div>
      {provider?.connect !== undefined && (
        <ParameterForm
          key={id}
          table={provider.connect}
          action="Connect"
          onCancel={onClose}
          onSend={async (values, others) => {
            const reason = others['slipline-reason']?.trim() ?? '';
            const session = await api.post<ListedSession>('/v1/connections', {
              provider: id,
              values,
              ...(reason !== '' && { reason }),
              ...(others['slipline-default'] === 'on' && { makeDefault: true }),
            });
            board.update((now) => change(now, [{ key: session.key, session }]));
            say(`Connected: ${session.label}`);
            onClose();
          }}
        >
          <div class="field">
            <label for="connect-reason">Reason, for the receipt</label>
            <input id="connect-reason" name="slipline-reason" maxLength={500} autocomplete="off" />
          </div>
          <label class="tick">
            <input type="checkbox" name="slipline-default" />
            Make it the default connection of this provider
          </label>
        </ParameterForm>
      )}
    </Dialog>
  );
}
