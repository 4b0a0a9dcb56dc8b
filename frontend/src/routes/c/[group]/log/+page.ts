import * as api from '#lib/api/calls.ts';
import { cursorOf, orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, params }) => {
	const [group, list] = await orError(
		Promise.all([api.group(params.group), api.decisions(params.group, { cursor: cursorOf(url) })]),
		url
	);
	return { group, list };
};
