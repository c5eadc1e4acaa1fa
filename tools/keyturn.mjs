#!/usr/bin/env node
// `npx keyturn …`: the command line of the platform, installing it first where needed.
import { launch } from './launch.mjs';
import { main } from './say.mjs';

await main(() => launch('apps/server/src/main/cli.ts', process.argv.slice(2)));
