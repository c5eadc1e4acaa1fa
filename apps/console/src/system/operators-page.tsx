import { AnythingSchema, TimeText } from '@keyturn/ui';
import { Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import {
  type Operator,
  OperatorPageShape,
  type OperatorRole,
  operatorRoles,
} from '../api/access.ts';
import { useTerm, useText } from '../language/use-text.ts';
import { ChangeButton } from '../parts/change-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field, refusalOf } from '../parts/field.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import type { Column } from '../parts/record-table.tsx';
import { useChange } from '../parts/use-change.ts';
import { usePages } from '../parts/use-pages.ts';
import { useMe } from '../session/session-context.ts';
import { ActiveTag } from './active-tag.tsx';
import { AdminOnly } from './admin-only.tsx';

/** Who may use the console, and what for. */
export function OperatorsPage() {
  const text = useText();
  const [open, setOpen] = useState(false);
  return (
    <Page
      title={text('nav.operators')}
      lead={text('operators.lead')}
      actions={
        <Button type="primary" onClick={() => setOpen(true)}>
          {text('operators.create')}
        </Button>
      }
    >
      <AdminOnly>
        <OperatorTable />
        {open ? <NewOperator close={() => setOpen(false)} /> : null}
      </AdminOnly>
    </Page>
  );
}

function OperatorTable() {
  const text = useText();
  return (
    <Panel flush>
      <PagedTable
        label={text('nav.operators')}
        pages={usePages('/v1/operators', OperatorPageShape)}
        columns={useColumns()}
        rowKey={(operator) => operator.id}
        empty={{ title: text('operators.none') }}
      />
    </Panel>
  );
}

function useColumns(): readonly Column<Operator>[] {
  const text = useText();
  const term = useTerm();
  const me = useMe();
  return [
    { key: 'name', title: text('operators.name'), head: true, cell: ({ name }) => name },
    { key: 'user', title: text('logIn.username'), cell: ({ username }) => username },
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
    {
      key: 'created',
      title: text('money.created'),
      tight: true,
      cell: (operator) => <TimeText at={operator.created_at} />,
    },
    {
      key: 'actions',
      title: text('money.decision'),
      tight: true,
      cell: ({ id, name, state }) =>
        state === 'active' && id !== me.id ? (
          <ChangeButton
            text={text('operators.disable')}
            title={text('operators.disableTitle', { name })}
            path={`/v1/operators/${id}/disable`}
            danger
          >
            {text('operators.disableWhat')}
          </ChangeButton>
        ) : null,
    },
  ];
}

const empty = { username: '', name: '', password: '' };

function NewOperator({ close }: { readonly close: () => void }) {
  const text = useText();
  const term = useTerm();
  const [typed, setTyped] = useState(empty);
  const [roles, setRoles] = useState<readonly OperatorRole[]>(['viewer']);
  const change = useChange(AnythingSchema, close);
  const control = (name: keyof typeof empty, label: string, type: string, hint?: string) => (
    <Field
      label={label}
      error={refusalOf(change.error, name)}
      {...(hint === undefined ? {} : { hint })}
    >
      {(props) => (
        <Input
          {...props}
          type={type}
          autoComplete={type === 'password' ? 'new-password' : 'off'}
          value={typed[name]}
          onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
        />
      )}
    </Field>
  );
  return (
    <Dialog
      open
      title={text('operators.create')}
      action={text('operators.create')}
      busy={change.isPending}
      error={change.error}
      onSubmit={() => change.send({ path: '/v1/operators', body: { ...typed, roles } })}
      onClose={close}
    >
      {control('name', text('operators.name'), 'text')}
      {control('username', text('logIn.username'), 'text', text('operators.usernameHint'))}
      {control('password', text('logIn.password'), 'password', text('password.rule'))}
      <fieldset className="kc-choices">
        <legend>{text('account.roles')}</legend>
        {operatorRoles.map((role) => (
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
        <p className="kc-field-hint">{text('operators.rolesHint')}</p>
      </fieldset>
    </Dialog>
  );
}
