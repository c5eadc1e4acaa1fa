import { CopyButton, Notice, TimeText } from '@keyturn/ui';
import { Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import {
  type ApiKey,
  ApiKeyPageShape,
  type ApiKeyRole,
  apiKeyRoles,
  IssuedApiKeyShape,
} from '../api/access.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { ChangeButton } from '../parts/change-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, refusalOf } from '../parts/field.tsx';
import { Code } from '../parts/object-link.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import type { Column } from '../parts/record-table.tsx';
import { useChange } from '../parts/use-change.ts';
import { usePages } from '../parts/use-pages.ts';
import { ActiveTag } from './active-tag.tsx';
import { AdminOnly } from './admin-only.tsx';

/** The keys of integrators' systems. A secret is shown once, when its key is made. */
export function ApiKeysPage() {
  const text = useText();
  const [open, setOpen] = useState(false);
  const [token, setToken] = useState<string>();
  return (
    <Page
      title={text('nav.apiKeys')}
      lead={text('keys.lead')}
      actions={
        <Button type="primary" onClick={() => setOpen(true)}>
          {text('keys.create')}
        </Button>
      }
    >
      <AdminOnly>
        {token === undefined ? null : <Secret token={token} />}
        <KeyTable />
        {open ? <NewKey close={() => setOpen(false)} made={setToken} /> : null}
      </AdminOnly>
    </Page>
  );
}

function Secret({ token }: { readonly token: string }) {
  const text = useText();
  return (
    <Notice tone="attention">
      <p>{text('keys.once')}</p>
      <p className="kc-row">
        <Code>{token}</Code>
        <CopyButton text={token} label={text('keys.secret')} />
      </p>
    </Notice>
  );
}

function KeyTable() {
  const text = useText();
  return (
    <Panel flush>
      <PagedTable
        label={text('nav.apiKeys')}
        pages={usePages('/v1/api-keys', ApiKeyPageShape)}
        columns={useColumns()}
        rowKey={(key) => key.id}
        empty={{ title: text('keys.none'), description: text('keys.noneWhy') }}
      />
    </Panel>
  );
}

function useColumns(): readonly Column<ApiKey>[] {
  const text = useText();
  const term = useTerm();
  const time = (at: string | undefined) => (at === undefined ? null : <TimeText at={at} />);
  return [
    { key: 'name', title: text('keys.name'), head: true, cell: ({ name }) => name },
    { key: 'owner', title: text('keys.integrator'), cell: ({ integrator }) => integrator.name },
    { key: 'prefix', title: text('keys.prefix'), cell: ({ prefix }) => <Code>{prefix}</Code> },
    {
      key: 'roles',
      title: text('account.roles'),
      cell: ({ roles }) => roles.map((role) => term('roles', role)).join(', '),
    },
    {
      key: 'state',
      title: text('money.state'),
      tight: true,
      cell: ({ state }) => <ActiveTag state={state} />,
    },
    { key: 'created', title: text('money.created'), cell: (key) => time(key.created_at) },
    { key: 'expires', title: text('keys.expires'), cell: (key) => time(key.expires_at) },
    {
      key: 'actions',
      title: text('money.decision'),
      tight: true,
      cell: ({ id, name, state }) =>
        state === 'active' ? (
          <ChangeButton
            text={text('keys.revoke')}
            title={text('keys.revokeTitle', { name })}
            path={`/v1/api-keys/${id}/revoke`}
            danger
          >
            {text('keys.revokeWhat')}
          </ChangeButton>
        ) : null,
    },
  ];
}

interface NewKeyProps {
  readonly close: () => void;
  readonly made: (token: string | undefined) => void;
}

function NewKey({ close, made }: NewKeyProps) {
  const text = useText();
  const term = useTerm();
  const [name, setName] = useState('');
  const [roles, setRoles] = useState<readonly ApiKeyRole[]>(['writer']);
  const change = useChange(IssuedApiKeyShape, ({ token }) => {
    made(token);
    close();
  });
  return (
    <Dialog
      open
      title={text('keys.create')}
      action={text('keys.create')}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.send({ path: '/v1/api-keys', body: { name, roles } })}
      onClose={close}
    >
      <Field
        label={text('keys.name')}
        hint={text('keys.nameHint')}
        error={refusalOf(change.error, 'name')}
      >
        {(control) => (
          <Input
            {...control}
            value={name}
            maxLength={100}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <fieldset className="kc-choices">
        <legend>{text('account.roles')}</legend>
        {apiKeyRoles.map((role) => (
          <Checkbox
            key={role}
            checked={roles.includes(role)}
            onChange={({ target }) =>
              setRoles(target.checked ? [...roles, role] : roles.filter((one) => one !== role))
            }
          >
            {term('roles', role)}
          </Checkbox>
        ))}
      </fieldset>
    </Dialog>
  );
}
