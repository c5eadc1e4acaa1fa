import { createRequire } from 'node:module';
import { wireTime } from '../core/clock.ts';
import { yuan } from './fees.ts';
import type { Order } from './orders-store.ts';
import { type PayerState, payerState } from './payer-state.ts';
import { type Language, type PayerTexts, payerTexts } from './payer-texts.ts';

// The package's types describe its CommonJS face.
const createQrCode: typeof import('qrcode-generator') = createRequire(import.meta.url)(
  'qrcode-generator',
);

export interface PageView {
  language: Language;
  order: Order;
  merchantName: string;
  nowMs: number;
  /** The page's own address, for the code that opens it on a phone. */
  address: string;
  /** Where the merchant wants the payer back, when it is an http address. */
  redirectUrl: string | undefined;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const icons: Record<PayerState, string> = {
  waiting: '<path d="M12 7v5l3 2"/><circle cx="12" cy="12" r="9"/>',
  paid: '<circle cx="12" cy="12" r="9"/><path d="m8 12 3 3 5-6"/>',
  declined: '<circle cx="12" cy="12" r="9"/><path d="M12 7v6m0 3v.5"/>',
  expired: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l-3 3"/>',
  closed: '<circle cx="12" cy="12" r="9"/><path d="m9 9 6 6m0-6-6 6"/>',
};

/** `¥1,234,567.89`: the groups are for reading, the figure is exact. */
function money(fen: bigint): string {
  return `¥${yuan(fen).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',')}`;
}

function localTime(epochMs: number): string {
  return wireTime(epochMs).slice(0, 16).replace('T', ' ');
}

function fact(name: string, value: string): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}

function facts(view: PageView, texts: PayerTexts, state: PayerState): string {
  const { order, merchantName } = view;
  const list = [
    fact(texts.payTo, merchantName),
    fact(texts.description, order.description),
    fact(texts.orderNumber, order.outTradeNo),
  ];
  if (order.transactionId !== undefined && order.successMs !== undefined) {
    list.push(fact(texts.transactionNumber, order.transactionId));
    list.push(fact(texts.paidAt, localTime(order.successMs)));
  } else if (state !== 'closed') {
    list.push(fact(texts.payBefore, localTime(order.expiresMs)));
  }
  return `<dl>${list.join('')}</dl>`;
}

function query(view: PageView, language: Language): string {
  const parameters = new URLSearchParams({ lang: language });
  if (view.redirectUrl !== undefined) parameters.set('redirect_url', view.redirectUrl);
  return `?${parameters}`;
}

function actions(view: PageView, texts: PayerTexts, state: PayerState): string {
  const { order, language } = view;
  const search = escapeHtml(query(view, language));
  const form = (action: string, style: string, label: string) =>
    `<form method="post" action="/pay/${escapeHtml(order.token)}/${action}${search}">` +
    `<button class="${style}" type="submit">${escapeHtml(label)}</button></form>`;
  if (state !== 'waiting' && state !== 'declined') {
    if (view.redirectUrl === undefined) return '';
    return `<a class="button primary" href="${escapeHtml(view.redirectUrl)}">${escapeHtml(texts.back)}</a>`;
  }
  const label = state === 'declined' ? texts.payAgain : texts.pay;
  return [
    form('pay', 'primary', `${label} ${money(order.total)}`),
    form('decline', 'secondary', texts.decline),
    form('walk-away', 'quiet', texts.walkAway),
  ].join('');
}

function scanCode(view: PageView, texts: PayerTexts): string {
  const code = createQrCode(0, 'M');
  code.addData(view.address);
  code.make();
  const image = code.createSvgTag({ cellSize: 3, margin: 12, scalable: true });
  return `<aside>${image}<p>${escapeHtml(texts.scan)}</p></aside>`;
}

function frame(language: Language, title: string, content: string, attributes = ''): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/pay-assets/page.css">
<script src="/pay-assets/page.js" defer></script>
</head>
<body${attributes}>
${content}
</body>
</html>
`;
}

function header(texts: PayerTexts, switchAddress: string, language: Language): string {
  const other = language === 'en' ? 'zh-CN' : 'en';
  const shield =
    '<path d="M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.5 7-10V6z"/><path d="m9 12 2 2 4-4"/>';
  return (
    `<header><span class="brand"><svg viewBox="0 0 24 24" aria-hidden="true">${shield}</svg>` +
    `${escapeHtml(texts.title)}</span>` +
    `<a href="${escapeHtml(switchAddress)}" hreflang="${other}" lang="${other}">${escapeHtml(texts.otherLanguage)}</a></header>`
  );
}

/** The page on which the payer pays, declines or leaves; without script it works too. */
export function payerPage(view: PageView): string {
  const texts = payerTexts[view.language];
  const state = payerState(view.order, view.nowMs);
  const { heading, hint } = texts.states[state];
  const other = view.language === 'en' ? 'zh-CN' : 'en';
  const left = view.order.payerNote === 'walked_away' && state === 'waiting';
  const canPay = state === 'waiting' || state === 'declined';
  const content = [
    header(texts, `/pay/${view.order.token}${query(view, other)}`, view.language),
    `<main><section class="card" data-state="${state}">`,
    '<div class="status" role="status">',
    `<svg viewBox="0 0 24 24" aria-hidden="true">${icons[state]}</svg>`,
    `<h1>${escapeHtml(heading)}</h1></div>`,
    `<p class="amount">${money(view.order.total)}</p>`,
    `<p class="hint">${escapeHtml(left ? texts.walkedAway : hint)}</p>`,
    facts(view, texts, state),
    `<div class="actions">${actions(view, texts, state)}</div>`,
    '</section>',
    canPay ? scanCode(view, texts) : '',
    '</main>',
    `<footer>${escapeHtml(texts.sandbox)}</footer>`,
  ].join('\n');
  const watch = ` data-token="${escapeHtml(view.order.token)}" data-state="${state}"`;
  return frame(view.language, `${heading} · ${texts.title}`, content, watch);
}

/** The page for an address behind which there is no order. */
export function missingOrderPage(language: Language): string {
  const texts = payerTexts[language];
  const other = language === 'en' ? 'zh-CN' : 'en';
  const content = [
    header(texts, `?lang=${other}`, language),
    '<main><section class="card" data-state="closed"><div class="status">',
    `<svg viewBox="0 0 24 24" aria-hidden="true">${icons.closed}</svg>`,
    `<h1>${escapeHtml(texts.notFound)}</h1></div>`,
    `<p class="hint">${escapeHtml(texts.notFoundHint)}</p></section></main>`,
    `<footer>${escapeHtml(texts.sandbox)}</footer>`,
  ].join('\n');
  return frame(language, `${texts.notFound} · ${texts.title}`, content);
}
