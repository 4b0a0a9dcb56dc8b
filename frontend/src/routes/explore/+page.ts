import * as api from '#lib/api/calls.ts';
import { cursorOf, groupSorts, oneOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const sort = oneOf(url.searchParams.get('sort'), groupSorts, 'active');
	const q = url.searchParams.get('q')?.trim() || undefined;
	const list = await orError(api.groups({ sort, q, cursor: cursorOf(url) }), url);
	return { sort, q: q ?? '', list };
};
