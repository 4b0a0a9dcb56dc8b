import { redirect } from '@sveltejs/kit';
import { quotes } from '#lib/api/quotes.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	return { list: await orError(quotes({ cursor: cursorOf(url) }), url) };
};
