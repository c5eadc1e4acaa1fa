import { AnythingSchema } from '@keyturn/ui';
import { Button } from 'antd';
import { type ReactNode, useState } from 'react';
import { Dialog } from './dialog.tsx';
import { useChange } from './use-change.ts';

export interface ChangeButtonProps {
  /** A verb: "Cancel the pay-out". */
  readonly text: string;
  /** The question of the dialog. */
  readonly title: string;
  readonly path: string;
  readonly body?: unknown;
  readonly danger?: boolean;
  /** Why it is not possible for this person; shown beside the dead button. */
  readonly blocked?: string | undefined;
  readonly children?: ReactNode;
}

/** A change that needs no more than a yes. */
export function ChangeButton(props: ChangeButtonProps) {
  const [open, setOpen] = useState(false);
  const change = useChange(AnythingSchema, () => setOpen(false));
  const { text, title, path, body, danger = false, blocked, children } = props;
  return (
    <>
      <Button danger={danger} disabled={blocked !== undefined} onClick={() => setOpen(true)}>
        {text}
      </Button>
      {blocked === undefined ? null : <span className="kc-muted kc-small">{blocked}</span>}
      <Dialog
        open={open}
        title={title}
        action={text}
        danger={danger}
        busy={change.isPending}
        error={change.error}
        onSubmit={() => change.send({ path, ...(body === undefined ? {} : { body }) })}
        onClose={() => {
          change.reset();
          setOpen(false);
        }}
      >
        {children}
      </Dialog>
    </>
  );
}
