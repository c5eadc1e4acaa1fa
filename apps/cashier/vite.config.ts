import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { precompressed } from './precompress.config.ts';

/**
 * The server serves the page at /pay/* and /deal/*, and what it loads at /assets/cashier/. The
 * browsers inside payment apps lag behind: nothing newer than what they know (BigInt is the
 * youngest thing we need).
 */
export default defineConfig({
  base: '/',
  plugins: [react(), precompressed()],
  build: {
    assetsDir: 'assets/cashier',
    target: ['es2020', 'chrome80', 'safari14'],
    rolldownOptions: {
      output: {
        // React changes seldom: in a file of its own it stays in the browser's cache.
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// }],
        },
      },
    },
  },
});
