import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * Served under `/console/` by the server, which answers every other path there with the page
 * itself.
 */
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  // Everything from files of our own: a strict content security policy allows no data in addresses.
  build: { target: 'es2022', assetsDir: 'assets', assetsInlineLimit: 0 },
});
