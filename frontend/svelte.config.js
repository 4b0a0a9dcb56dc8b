import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
	kit: {
		// One shell for every address: the server fills it (see src/app.html).
		adapter: adapter({ fallback: 'index.html' }),
		paths: { relative: false },
		// Fixed, or the inline script and with it the server's policy hash
		// would change with every build of the same source.
		version: { name: 'drystone' }
	}
};
