import {
  ApiOutlined,
  AuditOutlined,
  BankOutlined,
  CheckCircleOutlined,
  FileDoneOutlined,
  FileSearchOutlined,
  HomeOutlined,
  InboxOutlined,
  KeyOutlined,
  ProfileOutlined,
  RollbackOutlined,
  SafetyCertificateOutlined,
  SendOutlined,
  TeamOutlined,
  WarningOutlined,
} from '@ant-design/icons';
import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { type TextKey, useText } from '../language/use-text.ts';
import { useHasRole } from '../session/session-context.ts';

/** The three parts of the console, in the order of a working day. */
const work = [
  { to: '/', text: 'nav.today', icon: HomeOutlined },
  { to: '/deals', text: 'nav.deals', icon: ProfileOutlined },
  { to: '/payouts', text: 'nav.payouts', icon: SendOutlined },
  { to: '/refunds', text: 'nav.refunds', icon: RollbackOutlined },
  { to: '/receipts', text: 'nav.receipts', icon: InboxOutlined },
  { to: '/exceptions', text: 'nav.exceptions', icon: WarningOutlined },
] as const;

const proof = [
  { to: '/proof', text: 'nav.dayProof', icon: CheckCircleOutlined },
  { to: '/statements', text: 'nav.statements', icon: BankOutlined },
  { to: '/journals', text: 'nav.journals', icon: FileSearchOutlined },
] as const;

const system = [
  { to: '/agreements', text: 'nav.agreements', icon: FileDoneOutlined },
  { to: '/channels', text: 'nav.channels', icon: ApiOutlined },
] as const;

const administration = [
  { to: '/operators', text: 'nav.operators', icon: TeamOutlined },
  { to: '/api-keys', text: 'nav.apiKeys', icon: KeyOutlined },
  { to: '/audit', text: 'nav.audit', icon: AuditOutlined },
] as const;

/** Where one can go. Administration is shown to admins alone; the server refuses it to others. */
export function Navigation() {
  const text = useText();
  const admin = useHasRole('admin');
  return (
    <nav className="kc-nav" aria-label={text('nav.label')}>
      <Part title="nav.work" links={work} />
      <Part title="nav.proof" links={proof} />
      <Part title="nav.system" links={admin ? [...system, ...administration] : system} />
      <p className="kc-nav-foot">
        <SafetyCertificateOutlined aria-hidden="true" /> {text('nav.recorded')}
      </p>
    </nav>
  );
}

type Target = (typeof work | typeof proof | typeof system | typeof administration)[number];

function Part(props: { readonly title: TextKey; readonly links: readonly Target[] }) {
  const text = useText();
  return (
    <div className="kc-nav-part">
      <h2>{text(props.title)}</h2>
      <ul>
        {props.links.map((link) => (
          <li key={link.to}>
            <Link to={link.to} activeOptions={{ exact: link.to === '/' }}>
              <Icon of={link.icon} />
              {text(link.text)}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Icon({ of: Sign }: { readonly of: ComponentType<{ 'aria-hidden': 'true' }> }) {
  return <Sign aria-hidden="true" />;
}
