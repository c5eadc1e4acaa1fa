import { EmptyState } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { Button, Input } from 'antd';
import { useText } from '../language/use-text.ts';
import { Field } from '../parts/field.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { AccountsOf } from './accounts-of.tsx';
import { JournalsOf } from './journals-of.tsx';
import { LedgerCheck } from './ledger-check.tsx';

const route = getRouteApi('/journals');

/** Every booking that an object caused, and the accounts that belong to it. */
export function JournalsPage() {
  const text = useText();
  const { id } = route.useSearch();
  const navigate = route.useNavigate();
  const find = (data: FormData) => {
    const wanted = String(data.get('id') ?? '').trim();
    void navigate({ search: wanted === '' ? {} : { id: wanted } });
  };
  return (
    <Page title={text('nav.journals')} lead={text('journals.lead')}>
      <Panel>
        <form className="kc-find" action={find} key={id}>
          <Field label={text('journals.id')} hint={text('journals.hint')}>
            {(control) => (
              <Input {...control} name="id" defaultValue={id} maxLength={100} allowClear />
            )}
          </Field>
          <Button type="primary" htmlType="submit">
            {text('search.go')}
          </Button>
        </form>
      </Panel>
      {id === undefined ? (
        <>
          <Panel>
            <EmptyState title={text('journals.ask')} description={text('journals.askWhy')} />
          </Panel>
          <LedgerCheck />
        </>
      ) : (
        <>
          {/^[a-z]+_[0-9a-z]{26}$/.test(id) ? <JournalsOf id={id} /> : null}
          <AccountsOf owner={id} />
        </>
      )}
    </Page>
  );
}
