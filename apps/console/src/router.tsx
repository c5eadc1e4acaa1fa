import { LoadingState } from '@keyturn/ui';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { PageError } from './shell/page-error.tsx';
import { Shell } from './shell/shell.tsx';

/** A text of the address, or nothing: addresses are typed by people too. */
function textIn(search: Record<string, unknown>, name: string): string | undefined {
  const value = search[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function only<K extends string>(name: K) {
  return (search: Record<string, unknown>): { readonly [P in K]?: string } => {
    const value = textIn(search, name);
    const found: { [P in K]?: string } = {};
    if (value !== undefined) found[name] = value;
    return found;
  };
}

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
const parent = { getParentRoute: () => rootRoute };

const routes = [
  createRoute({
    ...parent,
    path: '/',
    component: lazyRouteComponent(() => import('./today/today-page.tsx'), 'TodayPage'),
  }),
  createRoute({
    ...parent,
    path: '/deals',
    validateSearch: only('state'),
    component: lazyRouteComponent(() => import('./deals/deals-page.tsx'), 'DealsPage'),
  }),
  createRoute({
    ...parent,
    path: '/deals/$id',
    validateSearch: only('part'),
    component: lazyRouteComponent(() => import('./deals/deal-page.tsx'), 'DealPage'),
  }),
  createRoute({
    ...parent,
    path: '/agreements',
    component: lazyRouteComponent(
      () => import('./agreements/agreements-page.tsx'),
      'AgreementsPage',
    ),
  }),
  createRoute({
    ...parent,
    path: '/agreements/$id',
    component: lazyRouteComponent(() => import('./agreements/agreement-page.tsx'), 'AgreementPage'),
  }),
  createRoute({
    ...parent,
    path: '/orders/$id',
    component: lazyRouteComponent(() => import('./money-in/order-page.tsx'), 'OrderPage'),
  }),
  createRoute({
    ...parent,
    path: '/refunds',
    validateSearch: only('state'),
    component: lazyRouteComponent(() => import('./money-in/refunds-page.tsx'), 'RefundsPage'),
  }),
  createRoute({
    ...parent,
    path: '/receipts',
    validateSearch: only('state'),
    component: lazyRouteComponent(() => import('./money-in/receipts-page.tsx'), 'ReceiptsPage'),
  }),
  createRoute({
    ...parent,
    path: '/receipts/$id',
    component: lazyRouteComponent(() => import('./money-in/receipt-page.tsx'), 'ReceiptPage'),
  }),
  createRoute({
    ...parent,
    path: '/payouts',
    validateSearch: only('state'),
    component: lazyRouteComponent(() => import('./money-out/payouts-page.tsx'), 'PayoutsPage'),
  }),
  createRoute({
    ...parent,
    path: '/payouts/$id',
    component: lazyRouteComponent(() => import('./money-out/payout-page.tsx'), 'PayoutPage'),
  }),
  createRoute({
    ...parent,
    path: '/exceptions',
    validateSearch: only('state'),
    component: lazyRouteComponent(() => import('./proof/exceptions-page.tsx'), 'ExceptionsPage'),
  }),
  createRoute({
    ...parent,
    path: '/exceptions/$id',
    component: lazyRouteComponent(() => import('./proof/exception-page.tsx'), 'ExceptionPage'),
  }),
  createRoute({
    ...parent,
    path: '/proof',
    validateSearch: only('date'),
    component: lazyRouteComponent(() => import('./proof/proof-page.tsx'), 'ProofPage'),
  }),
  createRoute({
    ...parent,
    path: '/statements',
    component: lazyRouteComponent(() => import('./proof/statements-page.tsx'), 'StatementsPage'),
  }),
  createRoute({
    ...parent,
    path: '/journals',
    validateSearch: only('id'),
    component: lazyRouteComponent(() => import('./ledger/journals-page.tsx'), 'JournalsPage'),
  }),
  createRoute({
    ...parent,
    path: '/channels',
    component: lazyRouteComponent(() => import('./system/channels-page.tsx'), 'ChannelsPage'),
  }),
  createRoute({
    ...parent,
    path: '/channels/$id',
    validateSearch: only('reference'),
    component: lazyRouteComponent(() => import('./system/channel-page.tsx'), 'ChannelPage'),
  }),
  createRoute({
    ...parent,
    path: '/operators',
    component: lazyRouteComponent(() => import('./system/operators-page.tsx'), 'OperatorsPage'),
  }),
  createRoute({
    ...parent,
    path: '/api-keys',
    component: lazyRouteComponent(() => import('./system/api-keys-page.tsx'), 'ApiKeysPage'),
  }),
  createRoute({
    ...parent,
    path: '/audit',
    validateSearch: only('operator_id'),
    component: lazyRouteComponent(() => import('./system/audit-page.tsx'), 'AuditPage'),
  }),
  createRoute({
    ...parent,
    path: '/password',
    component: lazyRouteComponent(() => import('./log-in/password-page.tsx'), 'PasswordPage'),
  }),
] as const;

/** Every page of the console, each loaded when it is first looked at. */
export function createConsoleRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren(routes),
    basepath: '/console',
    defaultPreload: 'intent',
    defaultPendingComponent: LoadingState,
    defaultErrorComponent: PageError,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
