import { redirect } from '@sveltejs/kit';
import { people } from '#lib/api/people.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const q = url.searchParams.get('q')?.trim() || undefined;
	return { q: q ?? '', me, list: await orError(people({ q, cursor: cursorOf(url) }), url) };
};
