import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { may } from '#lib/util/may.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

const none = { items: [], next: undefined };

export const load: PageLoad = async ({ url, params, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const group = await orError(api.group(params.group), url);
	// Not everybody may see both.
	const [asking, members] = await orError(
		Promise.all([
			may(group, 'members.see') && !may(group, 'members.admit') ? none : api.requests(params.group, { limit: 100 }),
			may(group, 'members.admit') && !may(group, 'members.see')
				? none
				: api.members(params.group, { limit: 50, cursor: cursorOf(url) })
		]),
		url
	);
	return { group, asking, members };
};
