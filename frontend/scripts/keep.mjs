// Runs after the build. adapter-static empties its output folder, but the
// server's go:embed needs a file there that is in the repository; and the
// server may preload what a page needs before the app starts, which only
// Vite's manifest knows.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { routeFiles } from './manifest.mjs';

await writeFile('build/.keep', '');
// Stylesheets are few, and come with the modules that need them.
const modules = Object.entries(await routeFiles()).map(([route, files]) => [route, files.filter((name) => name.endsWith('.js'))]);
await writeFile('build/preload.json', JSON.stringify(Object.fromEntries(modules), null, '\t') + '\n');

const shell = await readFile('build/index.html', 'utf8');
for (const marker of ['<!--ds-head-->', '<!--ds-body-->']) {
	if (shell.split(marker).length !== 2) throw new Error(`build/index.html: ${marker} is not there once`);
}
if (!/<link[^>]+rel="stylesheet"/.test(shell)) {
	throw new Error('build/index.html has no stylesheet: pages without JavaScript would be bare');
}
console.log(`build: ${(await readdir('build')).length} entries, shell in order`);
