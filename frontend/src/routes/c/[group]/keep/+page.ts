import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { may } from '#lib/util/may.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const group = await orError(api.group(params.group), url);
	// Who may do nothing here is told so, by what they may not ask.
	const banned = may(group, 'members.ban') || !may(group, 'moderators.appoint')
		? await orError(api.bans(params.group, { limit: 50, cursor: cursorOf(url) }), url)
		: undefined;
	return { group, banned, me };
};
