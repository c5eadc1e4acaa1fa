import { CopyButton, TimeText } from '@keyturn/ui';
import { Button } from 'antd';
import { useState } from 'react';
import * as v from 'valibot';
import { InstantShape } from '../api/shapes.ts';
import { useText } from '../language/use-text.ts';
import { Dialog } from './dialog.tsx';
import { FormError } from './field.tsx';
import { useChange } from './use-change.ts';
import './link-button.css';

const LinkShape = v.object({ token: v.string(), url: v.string(), expires_at: InstantShape });

export interface LinkButtonProps {
  /** "Payment link" */
  readonly text: string;
  /** What the page behind the link shows, and to whom. */
  readonly about: string;
  readonly path: string;
  readonly body?: unknown;
}

/**
 * Makes a link for somebody who has no account, and shows it this once: whoever has it has the
 * right.
 */
export function LinkButton({ text: name, about, path, body }: LinkButtonProps) {
  const text = useText();
  const [open, setOpen] = useState(false);
  const change = useChange(LinkShape);
  const make = () => {
    setOpen(true);
    change.send({ path, ...(body === undefined ? {} : { body }) });
  };
  const close = () => {
    setOpen(false);
    change.reset();
  };
  const link = change.data;
  return (
    <>
      <Button loading={change.isPending} onClick={make}>
        {name}
      </Button>
      {open && change.error ? <FormError error={change.error} /> : null}
      <Dialog
        open={open && link !== undefined}
        title={name}
        action={text('links.open')}
        leave={text('dialog.close')}
        busy={false}
        error={null}
        onSubmit={() => window.open(link?.url, '_blank', 'noopener')}
        onClose={close}
      >
        <p>{about}</p>
        <p className="kc-link">
          <code>{link?.url}</code>
          <CopyButton text={link?.url ?? ''} label={name} />
        </p>
        <p className="kc-muted kc-small">
          {text('links.secret')} {text('links.until')}{' '}
          {link === undefined ? null : <TimeText at={link.expires_at} />}
        </p>
      </Dialog>
    </>
  );
}
