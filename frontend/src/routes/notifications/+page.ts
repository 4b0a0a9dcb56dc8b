import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	return {
		list: await orError(
			api.notifications({ cursor: cursorOf(url), grouped: true, unread: url.searchParams.has('unread') || undefined }),
			url
		),
		onlyUnread: url.searchParams.has('unread')
	};
};
