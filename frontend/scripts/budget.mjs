// Fails when a first load outgrows what a phone on a poor line should carry.
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { clientDir, routeFiles } from './manifest.mjs';

const KB = 1024;
const first = { '/': 70, '/post/[id]': 70, '/c/[group]': 70, '/u/[person]': 70 };
const other = 90;
const css = 15;

const gz = async (path) => gzipSync(await readFile(path), { level: 9 }).length;
const sizes = new Map();
async function size(file) {
	if (!sizes.has(file)) sizes.set(file, await gz(clientDir + file));
	return sizes.get(file);
}

let failed = false;
function report(name, bytes, limit) {
	const over = bytes > limit * KB;
	failed ||= over;
	console.log(`${over ? 'OVER' : 'ok  '} ${name.padEnd(20)} ${(bytes / KB).toFixed(1).padStart(6)} KB gz (at most ${limit})`);
}

const all = await routeFiles();
let most = { css: 0, route: '' };
for (const route of Object.keys(first)) {
	if (!all[route]) throw new Error(`route ${route} is gone; name its budget anew`);
}
for (const [route, files] of Object.entries(all)) {
	const sum = { js: 0, css: 0 };
	for (const file of files) sum[file.endsWith('.css') ? 'css' : 'js'] += await size(file);
	report(route, sum.js, first[route] ?? other);
	if (sum.css > most.css) most = { css: sum.css, route };
}
report(`CSS of ${most.route}`, most.css, css);
process.exit(failed ? 1 : 0);
