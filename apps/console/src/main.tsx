import { createApi, createLanguages, createQueryClient, UiProvider } from '@keyturn/ui';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { consoleTexts } from './language/texts.ts';
import { createConsoleRouter } from './router.tsx';
import { Gate } from './session/gate.tsx';
import { currentSession, watchForEnd } from './session/session.ts';
import { ApiProvider } from './session/session-context.ts';
import './parts/base.css';

const languages = createLanguages(consoleTexts);
const queries = createQueryClient();
watchForEnd(queries);

const ground = {
  language: () => (languages.language === 'en' ? ('en' as const) : ('zh-CN' as const)),
  headers: (): Record<string, string> => {
    const session = currentSession(queries);
    const token = session?.kind === 'in' ? session.me.csrf_token : undefined;
    return token === undefined ? {} : { 'x-csrf-token': token };
  },
};
/** Reading a large statement and proving a day take longer than looking something up. */
const calls = { quick: createApi(ground), slow: createApi({ ...ground, timeoutMs: 180_000 }) };
const router = createConsoleRouter();

const place = document.querySelector('#root');
if (place === null) throw new Error('the page has no #root');
createRoot(place).render(
  <UiProvider languages={languages} queries={queries}>
    <ApiProvider value={calls}>
      <Gate>
        <RouterProvider router={router} />
      </Gate>
    </ApiProvider>
  </UiProvider>,
);
