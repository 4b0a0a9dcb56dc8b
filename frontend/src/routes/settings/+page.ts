import * as api from '#lib/api/calls.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	return { profile: await orError(api.person(me.name), url) };
};
