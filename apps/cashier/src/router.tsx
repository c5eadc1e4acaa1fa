import { ErrorState, LoadingState } from '@keyturn/ui';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { CashierPage } from './cashier-page.tsx';
import { NoSuchPage } from './no-such-page.tsx';

const rootRoute = createRootRoute({ component: Outlet });

const payRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/pay/$token',
  component: lazyRouteComponent(() => import('./pay/pay-page.tsx'), 'PayPage'),
});

const dealRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/deal/$token',
  component: lazyRouteComponent(() => import('./deal/deal-page.tsx'), 'DealPage'),
});

/**
 * The pages, each loaded when it is asked for. What goes wrong while loading is said, never blank.
 */
export function createCashierRouter() {
  return createRouter({
    routeTree: rootRoute.addChildren([payRoute, dealRoute]),
    defaultPendingMs: 0,
    defaultPendingComponent: Pending,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: NoSuchPage,
  });
}

function Pending() {
  return (
    <CashierPage width="narrow">
      <LoadingState />
    </CashierPage>
  );
}

function Broken() {
  return <ErrorState page error={undefined} />;
}
