import * as api from '#lib/api/calls.ts';
import { identities } from '#lib/api/company.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent }) => {
	const { instance } = await parent();
	const [passkeys, sessions, company] = await orError(
		Promise.all([api.passkeys(), api.sessions(), instance.provider ? identities() : { items: [] }]),
		url
	);
	return { passkeys: passkeys.items, sessions: sessions.items, identities: company.items };
};
