import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ParameterForm } from '../forms/parameter-form.tsx';
import { usePage } from '../page.ts';
import { Dialog } from '../ui/dialog.tsx';
import { SelectField } from '../ui/select-field.tsx';

interface WatchDialogProps {
  readonly onClose: () => void;
  readonly onWatched: () => void;
}

const USUAL_SECONDS = 30;

export function WatchDialog({ onClose, onWatched }: WatchDialogProps): JSX.Element {
  const { api, providers } = usePage();
  const [id, setId] = useState(providers[0]?.id ?? '');
  const provider = providers.find((one) => one.id === id);
  return (
    <Dialog title="Watch a system" onClose={onClose}>
      <div class="dialog-choice">
        <p class="help">What others have open there appears in the table, asked for again and again.</p>
        <SelectField
          label="Provider"
          value={id}
          choices={providers.map((one) => [one.id, one.title] as const)}
          onChoose={setId}
        />
      </div>
      {provider !== undefined && (
        <ParameterForm
          key={id}
          table={provider.find}
          action="Watch"
          onCancel={onClose}
          onSend={async (values, others) => {
            const every = Number(others['slipline-every']) || USUAL_SECONDS;
            await api.post('/v1/watches', { provider: id, values, every });
            onWatched();
            onClose();
          }}
        >
          <div class="field">
            <label for="watch-every">Seconds between two looks</label>
            <input
              id="watch-every"
              name="slipline-every"
              type="number"
              min={2}
              max={3600}
              defaultValue={USUAL_SECONDS}
            />
          </div>
        </ParameterForm>
      )}
    </Dialog>
  );
}
