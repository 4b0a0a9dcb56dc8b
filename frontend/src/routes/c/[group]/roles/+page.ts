import { redirect } from '@sveltejs/kit';
import * as api from '#lib/api/calls.ts';
import { keeping, roleBoard } from '#lib/api/roles.ts';
import { orError } from '#lib/util/load.ts';
import { loginAddress } from '#lib/util/next.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params, parent }) => {
	const { me } = await parent();
	if (!me) redirect(307, loginAddress(url));
	const [group, board, kept] = await orError(
		Promise.all([api.group(params.group), roleBoard(params.group), keeping(params.group)]),
		url
	);
	return { group, board, kept, me };
};
