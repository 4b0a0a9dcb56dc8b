// Which modules each route needs, read from what the build left behind.
import { readFile } from 'node:fs/promises';

const client = '.svelte-kit/output/client';

/** Every JS file that `entry` imports statically, itself included. */
function closure(manifest, entry, seen = new Set()) {
	if (seen.has(entry)) return seen;
	seen.add(entry);
	for (const next of manifest[entry]?.imports ?? []) closure(manifest, next, seen);
	return seen;
}

/** The routes with a page, and the numbers of their nodes (layouts first). */
async function routes() {
	const source = await readFile('.svelte-kit/generated/client-optimized/app.js', 'utf8');
	const dictionary = /export const dictionary = (\{[\s\S]*?\});/.exec(source)?.[1];
	if (!dictionary) throw new Error('the route dictionary was not found');
	// Kit writes plain JSON here, but for a trailing comma and comments.
	return JSON.parse(dictionary.replace(/,(\s*\})/g, '$1'));
}

/** {"/post/[id]": ["/_app/…js", "/_app/…css", …]}: what the first load of each route needs. */
export async function routeFiles() {
	const manifest = JSON.parse(await readFile(`${client}/.vite/manifest.json`, 'utf8'));
	const keys = Object.keys(manifest);
	const find = (pattern) => keys.filter((key) => pattern.test(key));
	const entries = [
		...find(/runtime\/client\/entry\.js$/),
		...find(/generated\/client-optimized\/app\.js$/)
	];
	if (entries.length !== 2) throw new Error(`expected Kit's two entries, found ${entries}`);
	const out = {};
	for (const [route, [page]] of Object.entries(await routes())) {
		const nodes = [0, Math.abs(page)].flatMap((n) =>
			find(new RegExp(`generated/client-optimized/nodes/${n}\\.js$`))
		);
		const files = new Set();
		for (const start of [...entries, ...nodes]) {
			for (const key of closure(manifest, start)) {
				if (manifest[key]?.file.endsWith('.js')) files.add('/' + manifest[key].file);
				for (const style of manifest[key]?.css ?? []) files.add('/' + style);
			}
		}
		out[route] = [...files];
	}
	return out;
}

export const clientDir = client;
