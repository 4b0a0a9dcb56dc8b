import { tag, tagPosts } from '#lib/api/tags.ts';
import { cursorOf, orderOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const [about, list] = await orError(
		Promise.all([tag(params.tag), tagPosts(params.tag, { ...orderOf(url), cursor: cursorOf(url) })]),
		url
	);
	return { about, list };
};
