import { sveltekit } from '@sveltejs/kit/vite';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/**
 * Kit's route announcer carries an inline style, which the server's policy
 * forbids. app.css hides the announcer instead, so the attribute can go.
 */
const announcer: Plugin = {
	name: 'announcer-without-style',
	enforce: 'pre',
	transform(code, id) {
		if (!id.endsWith('/generated/root.svelte')) return;
		return code.replace(/(<div id="svelte-announcer"[^>]*) style="[^"]*"/, '$1');
	}
};

interface Modules {
	getModuleInfo(id: string): { importers: readonly string[] } | null;
}

const everyday = /[\\/]src[\\/]routes[\\/](\+layout|\+page|(?:post|c|u)[\\/]\[\w+\][\\/]\+page)\.(?:svelte|ts)$/;

/**
 * The file that comes first: what the layout or two of the everyday screens show
 * at once travels together, for thirty small files would each pay for their own
 * journey. What comes after a click (editors, dialogs) stays out of it, however
 * many screens use that.
 */
function first(id: string, modules: Modules): string | null {
	const screens = new Set<string>();
	const seen = new Set([id]);
	for (const module of seen) {
		const screen = everyday.exec(module)?.[1];
		if (screen === '+layout') return 'first';
		if (screen) screens.add(screen);
		for (const importer of modules.getModuleInfo(module)?.importers ?? []) seen.add(importer);
	}
	return screens.size > 1 ? 'first' : null;
}

export default defineConfig({
	plugins: [announcer, sveltekit()],
	build: {
		rolldownOptions: {
			output: {
				codeSplitting: {
					groups: [{ name: first, test: /[\\/]src[\\/]lib[\\/]/ }]
				}
			}
		}
	},
	server: {
		proxy: { '/api': process.env.DRYSTONE_URL ?? 'http://localhost:8080' }
	},
	test: { include: ['src/**/*.test.ts'] }
});
