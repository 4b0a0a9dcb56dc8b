import * as api from '#lib/api/calls.ts';
import { facets, myProfile } from '#lib/api/profile.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { me } = await parent();
	const [profile, about, appearing] = await orError(Promise.all([api.person(me.name), myProfile(), facets()]), url);
	return { profile, about, facets: appearing.items };
};
