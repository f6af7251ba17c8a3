import type { JSX } from 'preact';
import type { Receipt } from '../api/types.ts';
import { titleOf, usePage } from '../page.ts';
import { moment } from '../text/times.ts';
import { EFFECT_WORDS, OWNERSHIP_WORDS, residualWords } from '../text/words.ts';
import { ReceiptBadge } from '../ui/badge.tsx';
import { Dialog, DialogText } from '../ui/dialog.tsx';
import { Facts } from '../ui/facts.tsx';
import { whatWords } from './receipt-words.ts';

interface ReceiptDetailsProps {
  readonly receipt: Receipt;
  readonly onClose: () => void;
}

export function ReceiptDetails({ receipt, onClose }: ReceiptDetailsProps): JSX.Element {
  const { providers } = usePage();
  const { session, effect, error } = receipt;
  return (
    <Dialog title={`${whatWords(receipt)}: ${session.label}`} onClose={onClose}>
      <DialogText>
        <Facts
          facts={[
            ['Outcome', <ReceiptBadge key="outcome" receipt={receipt} />],
            ['Effect', effect === undefined ? undefined : EFFECT_WORDS[effect]],
            ['What remains', residualWords(receipt.residual)],
            ['Error', error === undefined ? undefined : `${error.code}: ${error.message}`],
            ['Next', error?.next],
            ['By', receipt.user],
            ['Reason', receipt.reason],
            ['Began', moment(receipt.startedAt)],
            ['Ended', moment(receipt.endedAt)],
            ['Whose session', session.principal],
            ['Ownership', OWNERSHIP_WORDS[session.ownership]],
            ['Where', session.endpoint],
            ['Provider', titleOf(providers, session.provider)],
            ['Kind', session.kind],
            ['Number or id', session.id],
            ['Receipt', <code key="receipt">{receipt.operation}</code>],
          ]}
        />
      </DialogText>
    </Dialog>
  );
}
