import { notices, push } from '#lib/api/notices.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const [told, rings] = await orError(Promise.all([notices(), push()]), url);
	return { told, rings };
};
