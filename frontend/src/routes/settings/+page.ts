import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { myHouse } from '#lib/api/moving.ts';
import { orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const [profile, passkeys, sessions, tokens, aliases] = await orError(
		Promise.all([api.person(me.name), api.passkeys(), api.sessions(), api.tokens(), myHouse.aliases()]),
		url
	);
	return {
		me,
		profile,
		passkeys: passkeys.items,
		sessions: sessions.items,
		tokens: tokens.items,
		aliases
	};
};
