import * as api from '#lib/api/calls.ts';
import { identities } from '#lib/api/company.ts';
import { email } from '#lib/api/people.ts';
import { security } from '#lib/api/security.ts';
import { orError } from '#lib/util/load.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ url, parent, depends }) => {
	depends('ds:security');
	const { instance } = await parent();
	const [passkeys, sessions, guarded, mail, company] = await orError(
		Promise.all([api.passkeys(), api.sessions(), security(), email(), instance.provider ? identities() : { items: [] }]),
		url
	);
	return { passkeys: passkeys.items, sessions: sessions.items, security: guarded, email: mail, identities: company.items };
};
