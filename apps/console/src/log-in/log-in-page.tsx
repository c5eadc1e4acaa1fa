import { LanguageSwitch, Notice } from '@keyturn/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { type FormEvent, useEffect, useState } from 'react';
import { SessionShape } from '../api/access.ts';
import { useText } from '../language/use-text.ts';
import { Field, FormError } from '../parts/field.tsx';
import { beginSession } from '../session/session.ts';
import { useApi } from '../session/session-context.ts';
import { BrandSign } from '../shell/brand-sign.tsx';
import './log-in.css';

/** The door. `ended`: somebody was in on this page before. */
export function LogInPage({ ended }: { readonly ended: boolean }) {
  const text = useText();
  useEffect(() => {
    document.title = `${text('logIn.title')} · Keyturn`;
  });
  return (
    <div className="kc-door">
      <div className="kc-door-language">
        <LanguageSwitch />
      </div>
      <main className="kc-door-card">
        <div className="kc-door-head">
          <BrandSign size={36} />
          <div>
            <h1>{text('logIn.title')}</h1>
            <p>{text('logIn.lead')}</p>
          </div>
        </div>
        {ended ? <Notice tone="attention">{text('logIn.ended')}</Notice> : null}
        <LogInForm />
      </main>
    </div>
  );
}

function LogInForm() {
  const text = useText();
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [missing, setMissing] = useState<'username' | 'password'>();
  const logIn = useLogIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacking = username.trim() === '' ? 'username' : password === '' ? 'password' : undefined;
    setMissing(lacking);
    if (lacking === undefined) logIn.mutate({ username: username.trim(), password });
  };
  const need = (name: 'username' | 'password') =>
    missing === name ? text('logIn.required', { field: text(`logIn.${name}`) }) : undefined;
  return (
    <form className="kc-form" onSubmit={submit} noValidate>
      <Field label={text('logIn.username')} error={need('username')}>
        {(props) => (
          <Input
            {...props}
            size="large"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={username}
            maxLength={100}
            onChange={(event) => setUsername(event.target.value)}
          />
        )}
      </Field>
      <Field label={text('logIn.password')} error={need('password')}>
        {(props) => (
          <Input
            {...props}
            type="password"
            size="large"
            autoComplete="current-password"
            value={password}
            maxLength={1000}
            onChange={(event) => setPassword(event.target.value)}
          />
        )}
      </Field>
      <FormError error={logIn.error} />
      <Button type="primary" size="large" htmlType="submit" block loading={logIn.isPending}>
        {text('logIn.submit')}
      </Button>
    </form>
  );
}

function useLogIn() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { readonly username: string; readonly password: string }) =>
      api.post('/v1/operator-sessions', { schema: SessionShape, body }),
    onSuccess: ({ operator, csrf_token }) => {
      const { id, name, roles } = operator;
      beginSession(queries, { kind: 'operator', id, name, roles: [...roles], csrf_token });
    },
  });
}
