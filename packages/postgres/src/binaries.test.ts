import { lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { scratch } from '../test/scratch.ts';
import { findBinaries, hydrateSymlinks } from './binaries.ts';

let root: string;
const link = () => join(root, 'native', 'lib', 'libx.so.5');

beforeEach(async () => {
  root = await scratch();
  await mkdir(join(root, 'native', 'lib'), { recursive: true });
  await writeFile(join(root, 'native', 'lib', 'libx.so.5.18'), 'the library');
  const entry = { source: 'native/lib/libx.so.5.18', target: 'native/lib/libx.so.5' };
  await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify([entry]));
});

it('makes the links that the package lists, in the folder that they lie in', async () => {
  await hydrateSymlinks(root);
  expect(await readlink(link())).toBe('libx.so.5.18');
  expect(await readFile(link(), 'utf8')).toBe('the library');
});

it('leaves right links alone and mends wrong ones', async () => {
  await hydrateSymlinks(root);
  const before = await lstat(link());
  await hydrateSymlinks(root);
  expect((await lstat(link())).ino).toBe(before.ino);
  await rm(link());
  await symlink('gone', link());
  await hydrateSymlinks(root);
  expect(await readlink(link())).toBe('libx.so.5.18');
});

it('can be done by several processes at once', async () => {
  await Promise.all(Array.from({ length: 20 }, () => hydrateSymlinks(root)));
  expect(await readlink(link())).toBe('libx.so.5.18');
});

it('says what to do on a platform without binaries', async () => {
  await expect(findBinaries('plan9-mips')).rejects.toMatchObject({ code: 'unsupported_platform' });
});
