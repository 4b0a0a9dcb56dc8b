import * as api from '#lib/api/calls.ts';
import type { Instance, Me } from '#lib/api/types.ts';
import type { LayoutLoad } from './$types';

// The server writes the first page; Svelte takes over from there.
export const ssr = false;
export const prerender = false;

/** What the frame shows when even the server's name cannot be had. */
const unknown: Instance = {
	name: 'Drystone',
	host: '',
	version: '',
	registrations: 'closed',
	empty: false,
	mail: false,
	passwords: true,
	people: 0,
	groups: 0,
	posts: 0
};

export const load: LayoutLoad = async ({ depends }) => {
	depends('ds:me');
	// Neither may keep a page from showing: the page's own question will say
	// plainly what is wrong.
	const [me, instance] = await Promise.all([
		api.me().catch((): Me | null => null),
		api.instance().catch(() => unknown)
	]);
	return { me, instance };
};
