import * as api from '#lib/api/calls.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const tokens = await orError(api.tokens(), url);
	return { tokens: tokens.items };
};
