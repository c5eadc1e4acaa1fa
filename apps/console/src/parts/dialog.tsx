import { Button, Modal } from 'antd';
import type { FormEvent, ReactNode } from 'react';
import { useText } from '../language/use-text.ts';
import { FormError } from './field.tsx';
import { inRoot } from './in-root.ts';

export interface DialogProps {
  readonly open: boolean;
  readonly title: string;
  /** What the button does, as a verb: "Approve". */
  readonly action: string;
  readonly danger?: boolean;
  /** Instead of "Cancel", where there is nothing left to cancel. */
  readonly leave?: string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/**
 * One decision, with what it is about in sight. Enter decides, Escape leaves; an error stays
 * beside it.
 */
export function Dialog(props: DialogProps) {
  const text = useText();
  const { open, title, action, danger, leave, busy, error, onSubmit, onClose, children } = props;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) onSubmit();
  };
  return (
    <Modal
      open={open}
      title={title}
      footer={null}
      onCancel={onClose}
      destroyOnHidden
      getContainer={inRoot}
      mask={{ closable: false }}
      closable={{ 'aria-label': text('dialog.close') }}
    >
      <form className="kc-form" onSubmit={submit} noValidate>
        {children}
        <FormError error={error} />
        <div className="kc-form-end">
          <Button onClick={onClose}>{leave ?? text('dialog.cancel')}</Button>
          <Button type="primary" danger={danger ?? false} htmlType="submit" loading={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
