import { createApi, createLanguages, createQueryClient, UiProvider } from '@keyturn/ui';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { ApiContext } from './api.ts';
import { createCashierRouter } from './router.tsx';
import { en } from './texts/en.ts';
import { zh } from './texts/zh-CN.ts';

const languages = createLanguages({ 'zh-CN': zh, en });
const queries = createQueryClient();
const router = createCashierRouter();
const api = createApi({ language: () => (languages.language === 'en' ? 'en' : 'zh-CN') });

const root = document.getElementById('root');
if (root === null) throw new Error('the page has an element for the app');
createRoot(root).render(
  <UiProvider languages={languages} queries={queries}>
    <ApiContext value={api}>
      <RouterProvider router={router} />
    </ApiContext>
  </UiProvider>,
);
