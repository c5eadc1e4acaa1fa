import { LogoutOutlined, UserOutlined } from '@ant-design/icons';
import { AnythingSchema } from '@keyturn/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Button, Popover } from 'antd';
import { useState } from 'react';
import { useTerm, useText } from '../language/use-text.ts';
import { inRoot } from '../parts/in-root.ts';
import { endSession } from '../session/session.ts';
import { useApi, useMe } from '../session/session-context.ts';

/** Who is logged in, with which roles; the way out. */
export function AccountMenu() {
  const text = useText();
  const me = useMe();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      getPopupContainer={inRoot}
      content={<AccountCard close={() => setOpen(false)} />}
    >
      <Button
        type="text"
        icon={<UserOutlined />}
        aria-expanded={open}
        aria-label={text('account.menu', { name: me.name })}
      >
        <span className="kc-account-name">{me.name}</span>
      </Button>
    </Popover>
  );
}

function AccountCard({ close }: { readonly close: () => void }) {
  const text = useText();
  const term = useTerm();
  const me = useMe();
  const api = useApi();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const logOut = useMutation({
    mutationFn: () => api.delete('/v1/operator-sessions/current', { schema: AnythingSchema }),
    onSuccess: () => endSession(queries, false),
  });
  return (
    <div className="kc-account">
      <strong>{me.name}</strong>
      <p>
        {text('account.roles')}: {me.roles.map((role) => term('roles', role)).join(', ')}
      </p>
      <Button
        block
        onClick={() => {
          close();
          void navigate({ to: '/password' });
        }}
      >
        {text('account.password')}
      </Button>
      <Button
        block
        icon={<LogoutOutlined />}
        loading={logOut.isPending}
        onClick={() => logOut.mutate()}
      >
        {text('account.logOut')}
      </Button>
    </div>
  );
}
