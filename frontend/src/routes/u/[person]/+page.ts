import * as api from '#lib/api/calls.ts';
import { cursorOf, oneOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const tab = oneOf(url.searchParams.get('tab'), ['posts', 'comments'], 'posts');
	const cursor = cursorOf(url);
	const [person, posts, comments] = await orError(
		Promise.all([
			api.person(params.person),
			tab === 'posts' ? api.personPosts(params.person, { cursor }) : null,
			tab === 'comments' ? api.personComments(params.person, { cursor }) : null
		]),
		url
	);
	return { tab, person, posts, comments };
};
