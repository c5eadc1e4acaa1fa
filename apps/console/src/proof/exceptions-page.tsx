import { stateMeaning, useLanguage } from '@keyturn/ui';
import { getRouteApi } from '@tanstack/react-router';
import { ExceptionPageShape, exceptionStates } from '../api/reconciliation.ts';
import { useText } from '../language/use-text.ts';
import { FilterLinks } from '../parts/filter-links.tsx';
import { Page, Panel } from '../parts/page.tsx';
import { PagedTable } from '../parts/paged-table.tsx';
import { usePages } from '../parts/use-pages.ts';
import { useExceptionColumns } from './exception-columns.tsx';

const route = getRouteApi('/exceptions');

/** Differences: all that are not resolved, oldest first, or those in one state. */
export function ExceptionsPage() {
  const text = useText();
  const language = useLanguage();
  const navigate = route.useNavigate();
  const search = route.useSearch();
  const state = exceptionStates.find((known) => known === search.state);
  const options = [
    { value: 'unresolved', text: text('exceptions.unresolved') },
    ...exceptionStates.map((value) => ({
      value,
      text: stateMeaning('exception', value, language).label,
    })),
  ];
  const lead =
    state === undefined
      ? text('exceptions.lead')
      : stateMeaning('exception', state, language).meaning;
  return (
    <Page title={text('nav.exceptions')} lead={lead}>
      <FilterLinks
        label={text('money.state')}
        options={options}
        value={state ?? 'unresolved'}
        onChange={(value) => navigate({ search: value === 'unresolved' ? {} : { state: value } })}
      />
      <Panel flush>
        <PagedTable
          label={text('nav.exceptions')}
          pages={usePages('/v1/exceptions', ExceptionPageShape, { state })}
          columns={useExceptionColumns()}
          rowKey={(exception) => exception.id}
          marked={({ overdue }) => overdue}
          empty={{ title: text('exceptions.none'), description: text('exceptions.noneWhy') }}
        />
      </Panel>
    </Page>
  );
}
