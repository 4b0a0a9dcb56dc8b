import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const [group, banned] = await orError(
		Promise.all([api.group(params.group), api.bans(params.group, { limit: 50, cursor: cursorOf(url) })]),
		url
	);
	return { group, banned, me };
};
