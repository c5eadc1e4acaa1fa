import { AnythingSchema, Notice } from '@keyturn/ui';
import { Button, Input } from 'antd';
import { type FormEvent, useState } from 'react';
import { useText } from '../language/use-text.ts';
import { Field, FormError, refusalOf } from '../parts/field.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { useChange } from '../parts/use-change.ts';

const empty = { current: '', next: '', again: '' };

/** One's own password. */
export function PasswordPage() {
  const text = useText();
  const [typed, setTyped] = useState(empty);
  const [differs, setDiffers] = useState(false);
  const change = useChange(AnythingSchema, () => setTyped(empty));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setDiffers(typed.next !== typed.again);
    if (typed.next !== typed.again) return;
    const body = { current_password: typed.current, new_password: typed.next };
    change.send({ path: '/v1/me/password', body });
  };
  const refused = (param: string) => refusalOf(change.error, param);
  const known = refused('current_password') ?? refused('new_password');
  const field = (name: keyof typeof empty, autoComplete: string, error?: string) => (
    <Field label={text(`password.${name}`)} error={error} {...hintOf(name, text('password.rule'))}>
      {(props) => (
        <Input
          {...props}
          type="password"
          autoComplete={autoComplete}
          value={typed[name]}
          maxLength={1000}
          onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <Page title={text('password.title')} lead={text('password.lead')}>
      <div className="kc-narrow">
        <Panel>
          <form className="kc-form" onSubmit={submit} noValidate>
            {field('current', 'current-password', refused('current_password'))}
            {field('next', 'new-password', refused('new_password'))}
            {field('again', 'new-password', differs ? text('password.differs') : undefined)}
            {known === undefined ? <FormError error={change.error} /> : null}
            {change.isSuccess ? <Notice tone="good">{text('password.done')}</Notice> : null}
            <Button type="primary" htmlType="submit" loading={change.isPending}>
              {text('password.submit')}
            </Button>
          </form>
        </Panel>
      </div>
    </Page>
  );
}

function hintOf(name: keyof typeof empty, rule: string) {
  return name === 'next' ? { hint: rule } : {};
}
