import { redirect } from '@sveltejs/kit';
import { orphans, roleBoard } from '#lib/api/roles.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import { mayHere } from '#lib/util/may.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	// Who hands out groups need not be who gives roles.
	const gives = !mayHere(me, 'site.groups') || mayHere(me, 'site.roles');
	const [board, list] = await orError(
		Promise.all([
			gives ? roleBoard() : undefined,
			mayHere(me, 'site.groups') ? orphans(cursorOf(url)) : undefined
		]),
		url
	);
	return { board, list, me };
};
