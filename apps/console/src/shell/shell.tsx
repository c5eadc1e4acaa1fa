import { MenuOutlined } from '@ant-design/icons';
import { ErrorBoundary, LanguageSwitch } from '@keyturn/ui';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { Button, Drawer } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useText } from '../language/use-text.ts';
import { inRoot } from '../parts/in-root.ts';
import { AccountMenu } from './account-menu.tsx';
import { BrandSign } from './brand-sign.tsx';
import { IdSearch } from './id-search.tsx';
import { Navigation } from './navigation.tsx';
import './shell.css';

/** The frame of every page: where one is, where one can go, who one is. */
export function Shell() {
  const text = useText();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const content = useFocusOnPageChange(path);
  return (
    <div className="kc-shell">
      <a className="kc-skip" href="#content">
        {text('shell.skip')}
      </a>
      <header className="kc-top">
        <NavigationDrawer path={path} />
        <Link to="/" className="kc-brand" aria-label={text('app.name')}>
          <BrandSign />
          <span className="kc-brand-name">Keyturn</span>
        </Link>
        <IdSearch />
        <div className="kc-top-end">
          <LanguageSwitch />
          <AccountMenu />
        </div>
      </header>
      <aside className="kc-side">
        <Navigation />
      </aside>
      <main id="content" className="kc-main" tabIndex={-1} ref={content}>
        <ErrorBoundary resetKey={path}>
          <Outlet />
        </ErrorBoundary>
      </main>
    </div>
  );
}

/** On another page, reading begins at its content, not where the link was. */
function useFocusOnPageChange(path: string) {
  const content = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    content.current?.focus({ preventScroll: true });
  }, [path]);
  return content;
}

/** On a narrow screen the navigation is behind a button, and closes when it has led somewhere. */
function NavigationDrawer({ path }: { readonly path: string }) {
  const text = useText();
  const [openOn, setOpenOn] = useState<string>();
  const open = openOn === path;
  return (
    <div className="kc-menu-button">
      <Button
        type="text"
        icon={<MenuOutlined />}
        aria-label={text('nav.open')}
        aria-expanded={open}
        onClick={() => setOpenOn(path)}
      />
      <Drawer
        open={open}
        placement="left"
        size={272}
        title={text('app.name')}
        closable={{ 'aria-label': text('nav.close') }}
        onClose={() => setOpenOn(undefined)}
        rootClassName="kc-drawer"
        getContainer={inRoot}
      >
        <Navigation />
        <div className="kc-drawer-language">
          <LanguageSwitch />
        </div>
      </Drawer>
    </div>
  );
}
