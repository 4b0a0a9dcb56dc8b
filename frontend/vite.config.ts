import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
	plugins: [sveltekit()],
	server: {
		proxy: { '/api': process.env.DRYSTONE_URL ?? 'http://localhost:8080' }
	},
	test: { include: ['src/**/*.test.ts'] }
});
