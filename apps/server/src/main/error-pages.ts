import type { ErrorRegistry } from '@keyturn/kernel';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { HttpApp } from '../platform/index.ts';
import { RefusedError } from '../platform/index.ts';

/** Where a problem's `type` leads: what an error means and what to do, in both languages. */
export function registerErrorPages(app: HttpApp, errors: ErrorRegistry): void {
  const rows = Object.entries(errors)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code]) => row(errors, code))
    .join('');
  const hidden = { config: { access: ['public' as const] }, schema: { hide: true } };
  app.get('/docs/errors', hidden, async (_request, reply) => {
    return sendPage(reply, page('Errors', rows));
  });
  const oneSchema = { hide: true, params: Type.Object({ code: Type.String({ maxLength: 100 }) }) };
  app.get('/docs/errors/:code', { ...hidden, schema: oneSchema }, async (request, reply) => {
    const { code } = request.params;
    if (!Object.hasOwn(errors, code)) {
      const values = { method: 'GET', path: '/docs/errors/…' };
      throw new RefusedError({ code: 'route_not_found', values });
    }
    return sendPage(reply, page(code, row(errors, code)));
  });
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply
    .header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    )
    .type('text/html; charset=utf-8')
    .serializer(String)
    .send(html);
}

function row(errors: ErrorRegistry, code: string): string {
  const definition = errors[code];
  if (!definition) return '';
  const retry = definition.retryable
    ? 'the same request can succeed later'
    : 'repeating it unchanged does not help';
  return `<section id="${code}"><h2>${code} <small>${definition.status}</small></h2>
    <p>${escapeHtml(definition.title)}; ${retry}.</p>
    <p lang="en">${escapeHtml(definition.en)}</p>
    <p lang="zh-CN">${escapeHtml(definition.zh)}</p></section>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}

function page(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
    <link rel="icon" href="data:,">
    <title>${title} · Keyturn</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><style>
    body{font:16px/1.6 system-ui,"Noto Sans CJK SC",sans-serif;max-width:46rem;margin:2rem auto;
      padding:0 1rem}
    h2{font-size:1.05rem;margin-top:2rem;font-family:ui-monospace,monospace}small{color:#667}</style></head>
    <body><h1>${title}</h1>${content}</body></html>`;
}
