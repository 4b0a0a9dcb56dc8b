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

export default defineConfig({
	plugins: [announcer, sveltekit()],
	build: {
		rolldownOptions: {
			output: {
				// What most screens share travels together: thirty small files
				// would each pay for their own journey. Words that few screens
				// say travel with those.
				codeSplitting: {
					groups: [{ name: 'shared', test: /[\\/]src[\\/]lib[\\/](?!i18n[\\/](?!index|en\.json))/, minShareCount: 4 }]
				}
			}
		}
	},
	server: {
		proxy: { '/api': process.env.DRYSTONE_URL ?? 'http://localhost:8080' }
	},
	test: { include: ['src/**/*.test.ts'] }
});
