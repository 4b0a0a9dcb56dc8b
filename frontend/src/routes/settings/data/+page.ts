import * as api from '#lib/api/calls.ts';
import { myHouse } from '#lib/api/moving.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	const [profile, aliases] = await orError(Promise.all([api.person(me.name), myHouse.aliases()]), url);
	return { profile, aliases };
};
