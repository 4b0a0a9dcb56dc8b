import { redirect } from '@sveltejs/kit';
import { saved } from '#lib/api/saved.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	return { saved: await orError(saved({ cursor: cursorOf(url) }), url) };
};
