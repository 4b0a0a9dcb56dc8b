import * as api from '#lib/api/calls.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url }) => {
	const [passkeys, sessions] = await orError(Promise.all([api.passkeys(), api.sessions()]), url);
	return { passkeys: passkeys.items, sessions: sessions.items };
};
