import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const [kept, followed] = await orError(Promise.all([api.groupFeeds({ which: 'kept' }), api.groupFeeds()]), url);
	return { kept: kept.items, followed: followed.items };
};
