// `node tools/run.mjs FILE ARGS`: any program of the project under its own Node.
import { launch } from './launch.mjs';
import { main, Stop } from './say.mjs';

await main(async () => {
  const [file, ...args] = process.argv.slice(2);
  if (file === undefined) throw new Stop('Usage: node tools/run.mjs FILE [ARGUMENTS]');
  await launch(file, args);
});
